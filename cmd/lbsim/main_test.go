package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary acts as lbsim when it is called by that name, for the tests
// that need a process of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lbsim": main})
}
