package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type publisher struct {
	connection
	fd      int
	body    []byte // of its last request, as the request itself: their memory is used again
	request []byte
	answer  []byte // what has come of it
	pending int    // events of the request on the way
	next    time.Time
}

func (l *load) openPublishers(p plan) {
	protocol := ""
	if p.Publish.Tls {
		protocol = "http/1.1"
	}
	l.publishers = make([]publisher, p.Publishers)
	for i := range l.publishers {
		conn, fd := open(p.Publish.Network, p.Publish.Address, protocol)
		l.publishers[i] = publisher{connection: conn, fd: fd}
		watch(l.publisherEpoll, fd)
	}
}

// run publishes for the phase's time and then waits until everybody has read everything, or nothing comes any more.
func (l *load) run(p phase) phaseReport {
	started := time.Now()
	cpu, delivered, published := cpuSeconds(l.plan.Pids), l.delivered, l.total()
	deadline := started.Add(time.Duration(p.Seconds * float64(time.Second)))
	l.latency, l.lastDelivery = histogram{}, started
	for i := range l.publishers[:p.Publishers] {
		l.send(i, p.Batch)
		l.publishers[i].next = started.Add(interval(p))
	}
	for time.Now().Before(deadline) {
		l.turn(l.publishDue(p, deadline))
	}
	for l.isPublishing() {
		l.turn(100)
	}
	ended := time.Now()
	for !l.hasArrived() && time.Since(l.lastDelivery) < stalled {
		l.turn(100)
	}
	r := phaseReport{Name: p.Name, Published: l.total() - published, Delivered: l.delivered - delivered}
	r.Seconds, r.PublishingSeconds = max(l.lastDelivery.Sub(started), ended.Sub(started)).Seconds(), ended.Sub(started).Seconds()
	r.CpuSeconds = cpuSeconds(l.plan.Pids) - cpu
	r.P50Ms, r.P99Ms, r.MaxMs = l.latency.quantile(0.5), l.latency.quantile(0.99), l.latency.quantile(1)
	return r
}

func interval(p phase) time.Duration {
	if p.Rate == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / p.Rate)
}

// publishDue sends what is due and tells how long to wait for something to happen, in ms.
func (l *load) publishDue(p phase, deadline time.Time) int {
	now, wake := time.Now(), deadline
	for i := range l.publishers[:p.Publishers] {
		each := &l.publishers[i]
		if each.pending == 0 && !now.Before(each.next) && (!p.Lockstep || l.hasArrived()) {
			l.send(i, p.Batch)
			each.next = each.next.Add(interval(p))
		}
		if p.Rate > 0 && each.next.Before(wake) {
			wake = each.next
		}
	}
	return max(0, int(wake.Sub(now).Milliseconds()))
}

func (l *load) send(i, batch int) {
	p := &l.publishers[i]
	body := p.body[:0]
	for range batch {
		subscriber := int(l.published[i]) % len(l.subscribers)
		l.published[i]++
		body = append(body, numbered(l.plan.Publish.Before, subscriber)...)
		body = appendPayload(body, i, l.sentTo(subscriber, i), time.Now())
		body = append(body, l.plan.Publish.After...)
	}
	request := append(p.request[:0], l.plan.Publish.Head...)
	request = append(request, "Content-Length: "...)
	request = strconv.AppendInt(request, int64(len(body)), 10)
	request = append(request, "\r\n\r\n"...)
	request = append(request, body...)
	p.body, p.request, p.pending = body, request, batch
	p.write(request)
}

func numbered(request string, subscriber int) string {
	return strings.Replace(request, "{n}", strconv.Itoa(subscriber), 1)
}

// sentTo counts a publisher's events that this subscriber should have had so far.
func (l *load) sentTo(subscriber, publisher int) uint32 {
	published := l.published[publisher]
	if !l.plan.EachItsOwn {
		return published
	}
	all := uint32(len(l.subscribers))
	return (published + all - 1 - uint32(subscriber)) / all
}

func (l *load) servePublishers() {
	var events [64]syscall.EpollEvent
	n, err := syscall.EpollWait(l.publisherEpoll, events[:], 0)
	if err == syscall.EINTR {
		return
	}
	check(err)
	for _, event := range events[:n] {
		for i := range l.publishers {
			if l.publishers[i].fd == int(event.Fd) {
				l.readAnswer(&l.publishers[i])
			}
		}
	}
}

func (l *load) readAnswer(p *publisher) {
	for n := p.read(l.buffer[:]); n >= 0; n = p.read(l.buffer[:]) {
		if n == 0 {
			check(fmt.Errorf("a publisher's connection was closed by the server"))
		}
		p.answer = append(p.answer, l.buffer[:n]...)
	}
	if len(p.answer) == 0 || !isWhole(p.answer) {
		return
	}
	if !bytes.HasPrefix(p.answer, []byte("HTTP/1.1 20")) {
		check(fmt.Errorf("publishing was answered with %q", p.answer))
	}
	p.answer, p.pending = p.answer[:0], 0
}

func isWhole(answer []byte) bool {
	head, body, hasHead := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !hasHead {
		return false
	}
	for line := range strings.SplitSeq(strings.ToLower(string(head)), "\r\n") {
		if value, found := strings.CutPrefix(line, "content-length:"); found {
			length, err := strconv.Atoi(strings.TrimSpace(value))
			check(err)
			return len(body) >= length
		}
		if strings.HasPrefix(line, "transfer-encoding:") {
			return bytes.HasSuffix(body, []byte("0\r\n\r\n"))
		}
	}
	return true
}

func (l *load) isPublishing() bool {
	for i := range l.publishers {
		if l.publishers[i].pending > 0 {
			return true
		}
	}
	return false
}

// hasArrived tells whether everybody has read everything.
func (l *load) hasArrived() bool {
	if l.plan.EachItsOwn {
		return l.delivered+l.lost >= l.total()
	}
	return l.delivered+l.lost >= l.total()*len(l.subscribers)
}

func (l *load) total() (sum int) {
	for _, each := range l.published {
		sum += int(each)
	}
	return sum
}
