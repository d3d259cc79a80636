package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"unsafe"
)

// connection is a socket that never blocks once it is open.
type connection interface {
	read(buffer []byte) int // -1: nothing there; 0: ended by the other side
	write(data []byte)      // expects room for it
}

type socket struct{ fd int }

func (s socket) read(buffer []byte) int { return readNow(s.fd, buffer) }

func (s socket) write(data []byte) { sendAll(s.fd, data) }

type secured struct{ tls *tls.Conn }

func (s secured) read(buffer []byte) int {
	n, err := s.tls.Read(buffer)
	if err == (notYet{}) {
		return -1
	}
	if err != io.EOF {
		check(err)
	}
	return n
}

func (s secured) write(data []byte) {
	_, err := s.tls.Write(data)
	check(err)
}

// wire is a socket for crypto/tls. What has not come yet is a timeout to it, after which it goes on where it was.
type wire struct {
	net.Conn // of which nothing is called
	fd       int
}

func (w wire) Read(buffer []byte) (int, error) {
	switch n := readNow(w.fd, buffer); n {
	case -1:
		return 0, notYet{}
	case 0:
		return 0, io.EOF
	default:
		return n, nil
	}
}

func (w wire) Write(data []byte) (int, error) {
	sendAll(w.fd, data)
	return len(data), nil
}

type notYet struct{}

func (notYet) Error() string   { return "nothing there" }
func (notYet) Timeout() bool   { return true }
func (notYet) Temporary() bool { return true }

// open connects, with TLS where a protocol is named for it; also returns the file descriptor to wait for.
func open(network, address, protocol string) (connection, int) {
	fd, err := dial(network, address)
	if err != nil {
		check(&net.OpError{Op: "connect", Net: network, Err: err})
	}
	if protocol == "" {
		check(syscall.SetNonblock(fd, true))
		return socket{fd}, fd
	}
	// The server is this machine's, and its certificate was made for this run.
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}}
	conn := tls.Client(wire{fd: fd}, config)
	check(conn.Handshake())
	if agreed := conn.ConnectionState().NegotiatedProtocol; agreed != protocol && protocol == "h2" {
		check(fmt.Errorf("%s does not speak HTTP/2 but %q", address, agreed))
	}
	check(syscall.SetNonblock(fd, true))
	return secured{conn}, fd
}

func dial(network, address string) (int, error) {
	family, target := syscall.AF_UNIX, syscall.Sockaddr(&syscall.SockaddrUnix{Name: address})
	if network == "tcp" {
		parsed := netip.MustParseAddrPort(address)
		family, target = syscall.AF_INET, &syscall.SockaddrInet4{Addr: parsed.Addr().As4(), Port: int(parsed.Port())}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(err)
	if err := syscall.Connect(fd, target); err != nil {
		check(syscall.Close(fd))
		return -1, err
	}
	if network == "tcp" {
		check(syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
	}
	return fd, nil
}

func watch(epoll, fd int) {
	check(syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}))
}

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
	switch errno {
	case 0:
		return int(n)
	case syscall.EAGAIN:
		return -1
	case syscall.ECONNRESET:
		return 0
	default:
		check(fmt.Errorf("read: %w", errno))
		return 0
	}
}
