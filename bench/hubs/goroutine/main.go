// A Go hub as they are usually written well: a goroutine and a small buffer a client, an event encoded once, one write and
// one flush an event. A full buffer makes the publisher wait, so nothing is lost.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
)

const bufferedEvents = 16

type client struct {
	events chan []byte
	gone   <-chan struct{}
}

type hub struct {
	mutex   sync.Mutex // also gives the events one order
	clients map[*client]struct{}
	lastID  int
}

func (h *hub) publish(data []byte) int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.lastID++
	event := fmt.Appendf(nil, "id: %d\ndata: %s\n\n", h.lastID, data)
	for c := range h.clients {
		select {
		case c.events <- event:
		case <-c.gone:
		}
	}
	return h.lastID
}

func (h *hub) add(c *client) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.clients[c] = struct{}{}
}

func (h *hub) remove(c *client) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.clients, c)
}

func (h *hub) status(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	c := &client{events: make(chan []byte, bufferedEvents), gone: r.Context().Done()}
	h.add(c)
	defer h.remove(c)
	for err := control.Flush(); err == nil; err = control.Flush() {
		select {
		case event := <-c.events:
			if _, err := w.Write(event); err != nil {
				return
			}
		case <-c.gone:
			return
		}
	}
}

func (h *hub) submit(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 65_536))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"id\":\"%d\"}", h.publish(data))
}

func main() {
	h := &hub{clients: map[*client]struct{}{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", h.status)
	mux.HandleFunc("POST /submit", h.submit)
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, mux))
}
