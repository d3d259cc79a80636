package main

import (
	"bytes"
	"time"
)

const (
	payloadBytes = 100
	// A payload begins with '@', the publisher (2 hex digits), its sequence number (8) and the time of publishing (16).
	marker       = '@'
	markedLength = 1 + 2 + 8 + 16
)

type subscriber struct {
	isOpen bool   // its head has come
	tail   []byte // the beginning of an event that was cut in two
	order  uint64 // a hash over all events in the order in which they came
}

// scan counts the events in what one subscriber has read.
func (l *load) scan(i int, data []byte) {
	s := &l.subscribers[i]
	if len(s.tail) > 0 {
		data = append(s.tail, data...)
		s.tail = s.tail[:0]
	}
	now := time.Now()
	for {
		at := bytes.IndexByte(data, marker)
		if at < 0 {
			return
		}
		data = data[at:]
		if len(data) < markedLength {
			s.tail = append(s.tail, data...)
			return
		}
		l.count(i, int(hex(data[1:3])), uint32(hex(data[3:11])), now.UnixNano()-int64(hex(data[11:27])))
		l.lastDelivery = now
		data = data[markedLength:]
	}
}

func (l *load) count(i, publisher int, sequence uint32, latencyNs int64) {
	s := &l.subscribers[i]
	seen := &l.seen[i*len(l.published)+publisher]
	if sequence <= *seen {
		l.repeated++
		return
	}
	l.lost += int(sequence - *seen - 1)
	*seen = sequence
	s.order = s.order*1099511628211 + uint64(publisher)<<32 + uint64(sequence)
	l.delivered++
	l.latency.add(latencyNs)
}

func appendPayload(to []byte, publisher int, sequence uint32, now time.Time) []byte {
	end := len(to) + payloadBytes
	to = append(to, marker)
	to = appendHex(to, 2, uint64(publisher))
	to = appendHex(to, 8, uint64(sequence))
	to = appendHex(to, 16, uint64(now.UnixNano()))
	for len(to) < end {
		to = append(to, '.')
	}
	return to
}

func appendHex(to []byte, digits int, value uint64) []byte {
	for shift := (digits - 1) * 4; shift >= 0; shift -= 4 {
		to = append(to, "0123456789abcdef"[value>>shift&15])
	}
	return to
}

func hex(digits []byte) (value uint64) {
	for _, digit := range digits {
		if digit >= 'a' {
			digit -= 'a' - '9' - 1
		}
		value = value<<4 | uint64(digit-'0')
	}
	return value
}
