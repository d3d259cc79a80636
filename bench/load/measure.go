package main

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// histogram counts nanoseconds with an error of at most 1/32.
type histogram struct {
	counts [64 * 32]int
	total  int
}

func (h *histogram) add(ns int64) {
	h.counts[bucket(uint64(max(ns, 0)))]++
	h.total++
}

func bucket(value uint64) int {
	shift := max(0, bits.Len64(value)-6)
	return shift*32 + int(value>>shift)
}

// quantile in ms: the upper edge of the bucket.
func (h *histogram) quantile(q float64) float64 {
	wanted, sum := int(q*float64(h.total)), 0
	for i, count := range h.counts {
		if sum += count; sum >= wanted && sum > 0 {
			shift := max(0, i/32-1)
			return float64(uint64(i-shift*32+1)<<shift) / 1e6
		}
	}
	return 0
}

// cpuSeconds that these processes have used so far, in all their threads.
func cpuSeconds(pids []int) float64 {
	var ns int64
	for _, pid := range pids {
		paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		check(err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				continue // a thread that has just ended
			}
			used, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
			check(err)
			ns += used
		}
	}
	return float64(ns) / 1e9
}

func residentBytes(pids []int) (sum int64) {
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		check(err)
		_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
		kilobytes, err := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
		check(err)
		sum += kilobytes << 10
	}
	return sum
}
