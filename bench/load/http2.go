package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Frame types, flags and settings (RFC 9113, sections 6 and 7).
const (
	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePing         = 6
	frameGoAway       = 7
	frameWindowUpdate = 8

	flagEndStream  = 0x1 // of data and headers
	flagAck        = 0x1 // of settings and ping
	flagEndHeaders = 0x4

	settingInitialWindow = 4

	frameHead = 9
	preface   = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	// So wide that it never has to be opened again within a run.
	window        = math.MaxInt32
	initialWindow = 65_535
)

// http2Connection carries several subscribers' streams: stream 1 is the first one's, 3 the next one's, and so on.
type http2Connection struct {
	connection
	first   int // subscriber
	unread  []byte
	arrived int // bytes of data
}

// openHTTP2 opens a connection and a stream on it for each of these subscribers.
func (l *load) openHTTP2(first, streams int) {
	to := l.plan.Subscribe
	conn, fd := open(to.Network, to.Address, "h2")
	c := &http2Connection{connection: conn, first: first}
	request := []byte(preface)
	request = appendFrame(request, frameSettings, 0, 0, setting(settingInitialWindow, window))
	request = appendFrame(request, frameWindowUpdate, 0, 0, binary.BigEndian.AppendUint32(nil, window-initialWindow))
	for i := range streams {
		head := requestHead(numbered(to.Path, first+i), to.Address)
		request = appendFrame(request, frameHeaders, flagEndStream|flagEndHeaders, 2*i+1, head)
	}
	c.write(request)
	l.sources[int32(fd)] = c
	watch(l.epoll, fd)
}

// read takes all that is there: epoll does not tell of what TLS has read ahead.
func (c *http2Connection) readable(l *load) {
	for {
		kept := copy(l.buffer[:], c.unread)
		n := c.read(l.buffer[kept:])
		if n < 0 {
			return
		}
		if n == 0 {
			check(fmt.Errorf("the connection of stream %d was ended by the server", c.first))
		}
		rest := c.takeFrames(l, l.buffer[:kept+n])
		c.unread = append(c.unread[:0], rest...)
	}
}

// takeFrames handles the whole frames and returns what is left.
func (c *http2Connection) takeFrames(l *load, data []byte) []byte {
	for len(data) >= frameHead {
		length := int(data[0])<<16 | int(data[1])<<8 | int(data[2])
		if len(data) < frameHead+length {
			break
		}
		kind, flags, stream := data[3], data[4], int(binary.BigEndian.Uint32(data[5:9]))
		c.take(l, kind, flags, stream, data[frameHead:frameHead+length])
		data = data[frameHead+length:]
	}
	return data
}

func (c *http2Connection) take(l *load, kind, flags byte, stream int, payload []byte) {
	subscriber := c.first + (stream-1)/2
	switch kind {
	case frameData:
		c.arrived += len(payload)
		if c.arrived > window {
			check(fmt.Errorf("the run is too long for one flow-control window"))
		}
		l.scan(subscriber, payload)
	case frameHeaders:
		// ":status: 200" is one byte of the static table (RFC 7541, appendix A).
		if len(payload) == 0 || payload[0] != 0x88 {
			check(fmt.Errorf("not a stream: the head of stream %d is %x", subscriber, payload))
		}
		l.opened(subscriber)
	case frameSettings:
		if flags&flagAck == 0 {
			c.write(appendFrame(nil, frameSettings, flagAck, 0, nil))
		}
	case framePing:
		if flags&flagAck == 0 {
			c.write(appendFrame(nil, framePing, flagAck, 0, payload))
		}
	case frameReset, frameGoAway:
		check(fmt.Errorf("stream %d was ended by the server: frame %d, %x", subscriber, kind, payload))
	}
	if isEnd := flags&flagEndStream != 0; isEnd && (kind == frameData || kind == frameHeaders) {
		check(fmt.Errorf("stream %d was ended by the server", subscriber))
	}
}

func appendFrame(to []byte, kind, flags byte, stream int, payload []byte) []byte {
	length := len(payload)
	to = append(to, byte(length>>16), byte(length>>8), byte(length), kind, flags)
	return append(binary.BigEndian.AppendUint32(to, uint32(stream)), payload...)
}

func setting(name uint16, value uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(nil, name), value)
}

// requestHead in HPACK: names of the static table, values as they are (RFC 7541, section 6.2.2).
func requestHead(path, authority string) []byte {
	head := []byte{0x82, 0x87} // :method: GET, :scheme: https
	head = appendLiteral(head, 4, path)
	return appendLiteral(head, 1, authority)
}

func appendLiteral(to []byte, name byte, value string) []byte {
	to = append(to, name)
	// A length of 127 or more goes on in the next bytes (RFC 7541, section 5.1).
	if length := len(value); length < 127 {
		to = append(to, byte(length))
	} else {
		to = binary.AppendUvarint(append(to, 127), uint64(length-127))
	}
	return append(to, value...)
}
