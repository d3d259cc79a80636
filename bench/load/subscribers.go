package main

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

const (
	// Opened at once, then waited for: no server's backlog overflows.
	wave = 200
	// Reads between two looks at the publishers.
	slice = 256
	// A payload begins with '@', the publisher (2 hex digits), its sequence number (8) and the time of publishing (16).
	marker       = '@'
	markedLength = 1 + 2 + 8 + 16
	stalled      = 3 * time.Second
)

type subscriber struct {
	fd     int
	isOpen bool   // something has come
	tail   []byte // of the last read, where an event was cut in two
	order  uint64 // a hash over all events in the order in which they came
}

type load struct {
	plan        plan
	subscribers []subscriber
	byFd        map[int32]int
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

func newLoad(p plan) *load {
	l := &load{plan: p, byFd: map[int32]int{}}
	l.subscribers = make([]subscriber, p.Subscribers)
	l.published = make([]uint32, p.Publishers)
	l.seen = make([]uint32, p.Subscribers*p.Publishers)
	var err error
	l.epoll, err = syscall.EpollCreate1(0)
	check(err)
	l.publisherEpoll, err = syscall.EpollCreate1(0)
	check(err)
	watch(l.epoll, l.publisherEpoll)
	l.openPublishers(p)
	return l
}

func (l *load) connect() {
	for i := range l.subscribers {
		fd := dial(l.plan.Subscribe.Network, l.plan.Subscribe.Address)
		l.subscribers[i].fd = fd
		l.byFd[int32(fd)] = i
		sendAll(fd, []byte(numbered(l.plan.Subscribe.Request, i)))
		watch(l.epoll, fd)
		if last := i == len(l.subscribers)-1; last || i%wave == wave-1 {
			l.waitForHeads(i + 1)
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
			l.read(l.byFd[event.Fd])
		}
	}
	l.servePublishers()
}

func (l *load) read(i int) {
	s := &l.subscribers[i]
	kept := copy(l.buffer[:], s.tail)
	s.tail = s.tail[:0]
	n := readNow(s.fd, l.buffer[kept:])
	if n == 0 {
		check(fmt.Errorf("stream %d was ended by the server", i))
	}
	if n < 0 {
		s.tail = append(s.tail, l.buffer[:kept]...)
		return
	}
	if !s.isOpen {
		if status := l.buffer[:n]; !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
			check(fmt.Errorf("not a stream: %q", status))
		}
		s.isOpen = true
		l.heads++
	}
	l.scan(i, l.buffer[:kept+n])
}

func (l *load) scan(i int, data []byte) {
	s := &l.subscribers[i]
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

func hex(digits []byte) (value uint64) {
	for _, digit := range digits {
		if digit >= 'a' {
			digit -= 'a' - '9' - 1
		}
		value = value<<4 | uint64(digit-'0')
	}
	return value
}

func dial(network, address string) int {
	family, target := syscall.AF_UNIX, syscall.Sockaddr(&syscall.SockaddrUnix{Name: address})
	if network == "tcp" {
		parsed := netip.MustParseAddrPort(address)
		family, target = syscall.AF_INET, &syscall.SockaddrInet4{Addr: parsed.Addr().As4(), Port: int(parsed.Port())}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(err)
	if err := syscall.Connect(fd, target); err != nil {
		check(&net.OpError{Op: "connect", Net: network, Err: err})
	}
	if network == "tcp" {
		check(syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
	}
	check(syscall.SetNonblock(fd, true))
	return fd
}

func watch(epoll, fd int) {
	check(syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}))
}

// sendAll expects room for so little.
func sendAll(fd int, data []byte) {
	n, err := syscall.Write(fd, data)
	check(err)
	if n != len(data) {
		check(fmt.Errorf("only %d of %d bytes of a request fit", n, len(data)))
	}
}

// readNow is a read of a socket that never blocks, without the scheduler's work around a system call; -1 for nothing there.
func readNow(fd int, buffer []byte) int {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if errno == syscall.EAGAIN {
		return -1
	}
	if errno != 0 {
		check(fmt.Errorf("read: %w", errno))
	}
	return int(n)
}
