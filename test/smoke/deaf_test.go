package main

import (
	"bytes"
	"net"
)

// deafListener is that of a server which does not know Authorization when it
// is written in capitals. Go's own servers cannot tell.
type deafListener struct{ net.Listener }

func (l deafListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return deafConn{c}, err
}

type deafConn struct{ net.Conn }

// Read expects a header in one piece, as a client sends it to its own machine.
func (c deafConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	copy(p, bytes.ReplaceAll(p[:n], []byte("AUTHORIZATION:"), []byte("X-NEVER-HEARD:")))
	return n, err
}
