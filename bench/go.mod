module sse-operator/bench

go 1.24
