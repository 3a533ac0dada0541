package lab

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// admin is a conversation with HAProxy over its socket for operators. It is one that
// lasts, so that the socket's file can go.
type admin struct {
	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

// converse connects to the socket.
func converse(socket string) (*admin, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	a := &admin{conn: conn, in: bufio.NewReader(conn)}
	if _, err := a.ask("prompt"); err != nil {
		conn.Close()
		return nil, err
	}
	_, err = a.ask("set timeout cli 86400") // it may be long until the next word
	return a, err
}

// ask gives a command and returns the answer.
func (a *admin) ask(command string) (string, error) {
	const patience, end = 2 * time.Second, "\n> "
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintln(a.conn, command); err != nil {
		return "", fmt.Errorf("haproxy's socket: %w", err)
	}
	var said strings.Builder
	for !strings.HasSuffix(said.String(), end) {
		c, err := a.in.ReadByte()
		if err != nil {
			return "", fmt.Errorf("haproxy's socket, after %q: %w", command, err)
		}
		said.WriteByte(c)
	}
	return strings.TrimSpace(strings.TrimSuffix(said.String(), end)), nil
}

// order gives commands to which there is nothing to say.
func (a *admin) order(format string, args ...any) error {
	command := fmt.Sprintf(format, args...)
	said, err := a.ask(command)
	if err == nil && said != "" {
		err = fmt.Errorf("haproxy says to %q: %s", command, said)
	}
	return err
}

// table returns the rows of an answer, by the columns' names. Before the columns,
// which a number sign begins, other lines may stand.
func table(answer string) (rows []map[string]string) {
	var columns []string
	for line := range strings.Lines(answer) {
		f := strings.Fields(line)
		switch {
		case len(f) > 0 && f[0] == "#":
			columns = f[1:]
		case len(f) > 0 && len(f) <= len(columns):
			row := map[string]string{}
			for i, value := range f {
				row[columns[i]] = value
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (a *admin) close() { a.conn.Close() }
