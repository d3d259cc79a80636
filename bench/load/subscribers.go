package main

import (
	"bytes"
	"fmt"
	"syscall"
	"time"
)

const (
	// Opened at once, then waited for: no server's backlog overflows.
	wave = 200
	// Reads between two looks at the publishers.
	slice   = 256
	stalled = 3 * time.Second
)

type load struct {
	plan        plan
	subscribers []subscriber
	followers   []follower       // of a run with a restart, as many as subscribers
	sources     map[int32]source // by file descriptor
	publishers  []publisher
	seen        []uint32 // the last sequence number, by subscriber and publisher
	published   []uint32 // by publisher
	epoll, publisherEpoll,
	heads, delivered, lost, repeated int
	lastDelivery time.Time
	latency      histogram
	events       [slice]syscall.EpollEvent
	buffer       [256 << 10]byte
}

// source is what a subscriber's events come from.
type source interface {
	readable(l *load)
}

func newLoad(p plan) *load {
	l := &load{plan: p, sources: map[int32]source{}}
	l.subscribers = make([]subscriber, p.Subscribers)
	l.published = make([]uint32, p.Publishers)
	l.seen = make([]uint32, p.Subscribers*p.Publishers)
	var err error
	l.epoll, err = syscall.EpollCreate1(0)
	check(err)
	l.publisherEpoll, err = syscall.EpollCreate1(0)
	check(err)
	watch(l.epoll, l.publisherEpoll)
	if p.Restart != nil {
		l.followers = make([]follower, p.Subscribers)
	}
	l.openPublishers(p)
	return l
}

func (l *load) connect() {
	all, together := len(l.subscribers), max(1, l.plan.Subscribe.StreamsPerConnection)
	for i := 0; i < all; i += together {
		streams := min(together, all-i)
		switch {
		case l.plan.Subscribe.StreamsPerConnection > 0:
			l.openHTTP2(i, streams)
		case l.plan.Restart != nil:
			check(l.openFollower(i))
		default:
			l.openHTTP1(i)
		}
		if now := i + streams; now == all || now/wave > i/wave {
			l.waitForHeads(now)
		}
	}
}

func (l *load) waitForHeads(wanted int) {
	deadline := time.Now().Add(20 * time.Second)
	for l.heads < wanted {
		if time.Now().After(deadline) {
			check(fmt.Errorf("%d of %d streams answered", l.heads, wanted))
		}
		l.turn(100)
	}
}

// pump reads what comes until then.
func (l *load) pump(until time.Time) {
	for left := time.Until(until); left > 0; left = time.Until(until) {
		l.turn(int(left.Milliseconds()) + 1)
	}
}

// turn waits for something to read, reads a slice of it and serves the publishers.
func (l *load) turn(timeoutMs int) {
	n, err := syscall.EpollWait(l.epoll, l.events[:], timeoutMs)
	if err == syscall.EINTR {
		return
	}
	check(err)
	for _, event := range l.events[:n] {
		if int(event.Fd) != l.publisherEpoll {
			l.sources[event.Fd].readable(l)
		}
	}
	l.servePublishers()
}

// http1Stream is a subscriber with a connection of its own.
type http1Stream struct {
	socket
	subscriber int
}

func (l *load) openHTTP1(i int) {
	to := l.plan.Subscribe
	conn, fd := open(to.Network, to.Address, "")
	conn.write([]byte(numbered(to.Request, i)))
	l.sources[int32(fd)] = http1Stream{socket{fd}, i}
	watch(l.epoll, fd)
}

func (s http1Stream) readable(l *load) {
	n := s.read(l.buffer[:])
	if n < 0 {
		return
	}
	if n == 0 {
		check(fmt.Errorf("stream %d was ended by the server", s.subscriber))
	}
	l.openedHTTP1(s.subscriber, l.buffer[:n])
	l.scan(s.subscriber, l.buffer[:n])
}

func (l *load) openedHTTP1(i int, data []byte) {
	if !l.subscribers[i].isOpen && !bytes.HasPrefix(data, []byte("HTTP/1.1 200")) {
		check(fmt.Errorf("not a stream: %q", data))
	}
	l.opened(i)
}

func (l *load) opened(i int) {
	if !l.subscribers[i].isOpen {
		l.subscribers[i].isOpen = true
		l.heads++
	}
}
