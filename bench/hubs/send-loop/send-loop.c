/*
 * The physical limit: one thread that sends each event to each socket with one send(2) and does nothing else. It speaks
 * just enough HTTP for the load tool: GET subscribes, POST publishes its body. A full socket holds up all.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_SUBSCRIBERS = 65536, MAX_EVENTS = 256 };

static int subscribers[MAX_SUBSCRIBERS];
static int subscriber_count;

static void send_all(int fd, const char *bytes, size_t length) {
  ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
  if (sent >= 0 && (size_t)sent != length) errx(1, "a part was sent");
  if (sent < 0) err(1, "send");
}

static void subscribe(int fd) {
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  if (subscriber_count == MAX_SUBSCRIBERS) errx(1, "too many subscribers");
  subscribers[subscriber_count++] = fd;
  send_all(fd, head, sizeof head - 1);
}

/* A publisher has one request on the way, so what comes is one request, whole. */
static void publish(int fd, const char *request) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  char event[8192];
  const char *body = strstr(request, "\r\n\r\n");
  if (body == NULL) errx(1, "a request came in parts");
  int length = snprintf(event, sizeof event, "data: %s\n\n", body + 4);
  for (int i = 0; i < subscriber_count; i++) send_all(subscribers[i], event, (size_t)length);
  send_all(fd, answer, sizeof answer - 1);
}

static void serve(int fd) {
  char request[8192];
  ssize_t length = read(fd, request, sizeof request - 1);
  if (length <= 0) {
    if (subscriber_count > 0) exit(0); /* the load tool has gone */
    close(fd);
    return;
  }
  request[length] = 0;
  if (strncmp(request, "GET ", 4) == 0) subscribe(fd);
  else publish(fd, request);
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) err(1, "epoll_ctl");
}

int main(int count, char **arguments) {
  if (count != 2) errx(2, "usage: send-loop SOCKET");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(arguments[1]) >= sizeof address.sun_path) errx(2, "the path is too long");
  strcpy(address.sun_path, arguments[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) err(1, "bind");
  if (listen(listener, 4096) < 0) err(1, "listen");

  int epoll = epoll_create1(0);
  watch(epoll, listener);
  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) serve(events[i].data.fd);
      else {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) err(1, "accept");
        watch(epoll, fd);
      }
    }
  }
}
