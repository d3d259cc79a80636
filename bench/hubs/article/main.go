// The article's service: one broadcaster owns a map of unbuffered channels, one a client, and waits for each client in
// turn. Its data race (handlers wrote to the map) is gone, because the broadcaster alone touches it; the rest is as it was.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

type broker struct {
	clients       map[chan []byte]bool
	opened        chan chan []byte
	closed        chan chan []byte
	notifications chan []byte
}

func (b *broker) broadcast() {
	for {
		select {
		case client := <-b.opened:
			b.clients[client] = true
		case client := <-b.closed:
			delete(b.clients, client)
			close(client)
		case event := <-b.notifications:
			for client := range b.clients {
				client <- event
			}
		}
	}
}

func (b *broker) status(w http.ResponseWriter, r *http.Request) {
	flusher := w.(http.Flusher)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	flusher.Flush()

	client := make(chan []byte)
	b.opened <- client
	go func() {
		<-r.Context().Done()
		b.closed <- client
	}()
	for event := range client {
		fmt.Fprintf(w, "data: %s\n\n", event)
		flusher.Flush()
	}
}

func (b *broker) submit(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.notifications <- body
	w.WriteHeader(http.StatusOK)
}

func main() {
	b := &broker{
		clients:       map[chan []byte]bool{},
		opened:        make(chan chan []byte),
		closed:        make(chan chan []byte),
		notifications: make(chan []byte, 1),
	}
	go b.broadcast()
	http.HandleFunc("/status", b.status)
	http.HandleFunc("/submit", b.submit)
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, nil))
}
