package convert

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds the memory one line can take, in bytes. Real log lines stay
// below 64 KiB; a gigabyte without a line end is not a log.
const maxLine = 1 << 20

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	gzipMagic     = []byte{0x1f, 0x8b}
)

// errDamaged marks compressed data that ends early or is corrupt, as opposed
// to a failure to read the file at all.
var errDamaged = errors.New("damaged gzip data")

// A lineReader yields the lines of a text, decompressing gzip (also several
// gzip files joined into one) when the content starts like it. Its memory does
// not depend on the size of the input.
type lineReader struct {
	buf    *bufio.Reader
	source *source
	long   []byte // collects a line that is longer than buf
	number int    // of the line last returned, counted from 1
}

// newLineReader returns an error if r cannot be read, starts like gzip and is
// not, or holds UTF-16 text.
func newLineReader(r io.Reader) (*lineReader, error) {
	l := &lineReader{source: &source{Reader: r}}
	l.buf = bufio.NewReaderSize(l.source, 64<<10)
	start, _ := l.buf.Peek(2) // a shorter file is not gzip; an error comes again
	if string(start) == "\xff\xfe" || string(start) == "\xfe\xff" {
		return nil, errors.New("UTF-16 text; convert it to UTF-8 first")
	}
	if bytes.Equal(start, gzipMagic) {
		unzipped, err := gzip.NewReader(l.buf)
		if err != nil {
			return nil, l.explain(err)
		}
		l.buf = bufio.NewReaderSize(unzipped, 64<<10)
	}
	return l, nil
}

// next returns the next line without its end (LF or CRLF) and without a byte
// order mark, valid until the following call; of a line above maxLine bytes it
// returns the start, with whole false. At the end it returns io.EOF. Another
// error wraps errDamaged or comes from the underlying reader; the text between
// the last line end and such an error is dropped, as it may be cut anywhere.
func (l *lineReader) next() (line []byte, whole bool, err error) {
	line, err = l.buf.ReadSlice('\n')
	whole = true
	if err == bufio.ErrBufferFull {
		line, whole, err = l.nextLong(line)
	}
	if err != nil && (err != io.EOF || len(line) == 0) {
		return nil, false, l.explain(err)
	}
	l.number++
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	return bytes.TrimPrefix(line, byteOrderMark), whole, nil
}

// each calls f for the next line, unless there is none.
func (l *lineReader) each(f func(line []byte, whole bool)) error {
	line, whole, err := l.next()
	if err == nil {
		f(line, whole)
	}
	return err
}

// nextLong reads on to the end of a line that starts with part, keeping at
// most maxLine bytes of it.
func (l *lineReader) nextLong(part []byte) (line []byte, whole bool, err error) {
	l.long = append(l.long[:0], part...)
	whole = true
	for err = bufio.ErrBufferFull; err == bufio.ErrBufferFull; {
		part, err = l.buf.ReadSlice('\n')
		if whole = whole && len(l.long)+len(part) <= maxLine; whole {
			l.long = append(l.long, part...)
		}
	}
	return l.long, whole, err
}

// explain tells damage in compressed data from trouble with the file.
func (l *lineReader) explain(err error) error {
	switch {
	case l.source.err != nil:
		return l.source.err
	case err == io.EOF:
		return io.EOF
	}
	why := "a checksum is wrong, or the data make no sense"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "it ends too early"
	case errors.Is(err, gzip.ErrHeader):
		why = "it only begins like gzip"
	}
	return fmt.Errorf("%w: %s", errDamaged, why)
}

// broken puts an error of next into words.
func (l *lineReader) broken(name string, err error) error {
	if l.number == 0 {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: after line %d: %w", name, l.number, err)
}

// A source remembers how reading from the file itself failed.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
