// Not built: its definitions are what monitoring objects are checked against.
module prometheus-operator

go 1.24

require github.com/prometheus-operator/prometheus-operator v0.85.0
