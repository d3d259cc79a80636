// Load for an SSE hub: subscribers and publishers in one thread, over epoll, so that one core keeps up with any server.
// Reads a plan (JSON) from stdin and prints a report (JSON). Every event is checked for loss, repeats and order.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

type plan struct {
	Subscribers int
	Publishers  int  // the most that any phase has
	EachItsOwn  bool // every subscriber has a topic: "{n}" in its request and before a payload is its number
	Subscribe   endpoint
	Publish     publishEndpoint
	Pids        []int // the server's processes
	SettleMs    int
	Phases      []phase
	Restart     *restart // in the end
}

type endpoint struct {
	Network string // "unix" or "tcp" (IPv4)
	Address string // a path or host:port
	// A connection for each subscriber, over HTTP/1.1: its request as it goes over the wire.
	Request string
	// Over TLS and HTTP/2: what is asked for, and how many subscribers share a connection.
	Path                 string
	StreamsPerConnection int
}

type publishEndpoint struct {
	Network, Address string
	Tls              bool
	Head             string // request line and headers without Content-Length
	Before, After    string // around an event's payload
}

type phase struct {
	Name       string
	Publishers int
	Rate       float64 // events a second of one publisher; 0: the next one as soon as the last is answered
	Lockstep   bool    // the next one only when everybody has read the last
	Batch      int     // events a request
	Seconds    float64
}

type report struct {
	ConnectSeconds                float64
	BytesBefore, BytesAfter       int64 // resident memory of the server
	Lost, Repeated, Orders, Heads int
	Phases                        []phaseReport
	Restart                       *restartReport
}

type phaseReport struct {
	Name                       string
	Published, Delivered       int
	Seconds, PublishingSeconds float64
	CpuSeconds                 float64 // of the server
	P50Ms, P99Ms, MaxMs        float64 // publish -> read
}

func main() {
	var p plan
	check(json.NewDecoder(os.Stdin).Decode(&p))
	l := newLoad(p)
	r := report{Phases: []phaseReport{}}
	r.BytesBefore = residentBytes(p.Pids)
	started := time.Now()
	l.connect()
	r.ConnectSeconds = time.Since(started).Seconds()
	l.pump(time.Now().Add(time.Duration(p.SettleMs) * time.Millisecond))
	r.BytesAfter = residentBytes(p.Pids)
	// One event to everybody, so that nobody is still on the way when the measuring begins.
	l.run(phase{Name: "probe", Publishers: 1, Batch: 1})
	for _, each := range p.Phases {
		r.Phases = append(r.Phases, l.run(each))
	}
	if p.Restart != nil {
		r.Restart = l.restart(*p.Restart)
	}
	l.conclude(&r)
	check(json.NewEncoder(os.Stdout).Encode(r))
}

func (l *load) conclude(r *report) {
	orders := map[uint64]bool{}
	for i := range l.subscribers {
		if !l.plan.EachItsOwn {
			orders[l.subscribers[i].order] = true
		}
		for p := range l.published {
			l.lost += int(l.sentTo(i, p) - l.seen[i*len(l.published)+p])
		}
	}
	r.Lost, r.Repeated, r.Orders, r.Heads = l.lost, l.repeated, len(orders), l.heads
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}
