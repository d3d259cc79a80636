package main

import (
	"fmt"
	"syscall"
	"time"
)

// restart kills the server, whom somebody else starts again, and sees the subscribers come back by themselves.
type restart struct {
	Events         int // published while the subscribers are away
	TimeoutSeconds float64
}

type restartReport struct {
	CaughtUpSeconds float64 // from the kill until everybody has what it missed
	LiveSeconds     float64 // until everybody has also the event that was published then
	Refused         int     // attempts to come back that were too early
}

func (l *load) restart(p restart) *restartReport {
	r := &restartReport{}
	started := time.Now()
	deadline := started.Add(time.Duration(p.TimeoutSeconds * float64(time.Second)))
	for _, pid := range l.plan.Pids {
		check(syscall.Kill(pid, syscall.SIGKILL))
	}
	for left := p.Events; left > 0 || l.isPublishing() || !l.hasArrived(); l.turn(5) {
		if time.Now().After(deadline) {
			check(fmt.Errorf("%d of %d streams are back, and %d events have not come", l.heads, len(l.subscribers), l.missing()))
		}
		if left > 0 && !l.isPublishing() {
			l.send(0, 1)
			left--
		}
		r.Refused += l.comeBack()
	}
	r.CaughtUpSeconds = time.Since(started).Seconds()
	l.run(phase{Name: "live", Publishers: 1, Batch: 1})
	r.LiveSeconds = l.lastDelivery.Sub(started).Seconds()
	return r
}

// comeBack opens the streams whose time it is and counts those that found nobody.
func (l *load) comeBack() (refused int) {
	now := time.Now()
	for i := range l.followers {
		f := &l.followers[i]
		if !f.isAway || now.Before(f.due) {
			continue
		}
		if err := l.openFollower(i); err != nil {
			refused++
			f.due = now.Add(f.retry)
		}
	}
	return refused
}

func (l *load) missing() int {
	return l.total()*len(l.subscribers) - l.delivered - l.lost
}
