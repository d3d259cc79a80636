package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// follower is a subscriber as a browser's EventSource is one: it reads whole blocks, and when its stream ends it comes
// back after the time that the stream has told it, with the last id that it has read.
type follower struct {
	socket
	subscriber int
	isAway     bool
	due        time.Time // to come back
	retry      time.Duration
	lastID     string
	partial    []byte // of a block; lost with the stream
}

var (
	blockEnd  = []byte("\n\n")
	idLine    = []byte("\nid: ")
	retryLine = []byte("\nretry: ")
)

func (l *load) openFollower(i int) error {
	to, f := l.plan.Subscribe, &l.followers[i]
	fd, err := dial(to.Network, to.Address)
	if err != nil {
		return err
	}
	check(syscall.SetNonblock(fd, true))
	*f = follower{socket: socket{fd}, subscriber: i, retry: f.retry, lastID: f.lastID}
	request := numbered(to.Request, i)
	if f.lastID != "" {
		request = strings.TrimSuffix(request, "\r\n") + "Last-Event-ID: " + f.lastID + "\r\n\r\n"
	}
	f.write([]byte(request))
	l.sources[int32(fd)] = f
	watch(l.epoll, fd)
	return nil
}

func (f *follower) readable(l *load) {
	n := f.read(l.buffer[:])
	if n < 0 {
		return
	}
	if n == 0 {
		f.leave(l)
		return
	}
	data := l.buffer[:n]
	l.openedHTTP1(f.subscriber, data)
	if len(f.partial) > 0 {
		data = append(f.partial, data...)
	}
	end := bytes.LastIndex(data, blockEnd)
	if end < 0 {
		f.partial = append([]byte(nil), data...)
		return
	}
	f.take(l, data[:end+1])
	// The second newline stays before the next block, as every field is looked for after one.
	f.partial = append([]byte(nil), data[end+1:]...)
}

// take reads whole blocks.
func (f *follower) take(l *load, blocks []byte) {
	if id := lastValue(blocks, idLine); id != "" {
		f.lastID = id
	}
	if retry := lastValue(blocks, retryLine); retry != "" {
		ms, err := strconv.Atoi(retry)
		check(err)
		f.retry = time.Duration(ms) * time.Millisecond
	}
	l.scan(f.subscriber, blocks)
}

// lastValue of a field, whose name begins a line.
func lastValue(blocks, name []byte) string {
	at := bytes.LastIndex(blocks, name)
	if at < 0 {
		return ""
	}
	value, _, _ := bytes.Cut(blocks[at+len(name):], []byte("\n"))
	return string(value)
}

func (f *follower) leave(l *load) {
	if f.retry == 0 || f.lastID == "" {
		check(fmt.Errorf("stream %d was ended before it said how to come back", f.subscriber))
	}
	check(syscall.Close(f.fd))
	delete(l.sources, int32(f.fd))
	f.isAway, f.due = true, time.Now().Add(f.retry)
	l.subscribers[f.subscriber].isOpen = false
	l.heads--
}
