package nginxconf

import (
	"debug/elf"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite directives.txt from the nginx that is installed")

// The directives, where they may stand and what they take are those of the tables in
// nginx 1.22.1 itself (struct ngx_command_s, src/core/ngx_conf_file.h).
func TestDirectives(t *testing.T) {
	path := program(t)
	said, err := exec.Command(path, "-v").CombinedOutput()
	if err != nil || !strings.Contains(string(said), "nginx/1.22.1") || runtime.GOARCH != "amd64" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("nginx 1.22.1 for amd64 is not installed, but %s", said)
		}
		t.Skip("nginx 1.22.1 for amd64 is not installed (Debian 12: apt-get install nginx-light libnginx-mod-stream)")
	}
	rows := slices.Concat(commands(t, path), commands(t, streamModule))
	slices.Sort(rows)
	text := "# Directives of nginx 1.22.1: name, contexts, arguments; see known.go.\n" + strings.Join(slices.Compact(rows), "\n") + "\n"
	if *update {
		if err := os.WriteFile("directives.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text != directivesText {
		t.Errorf("directives.txt differs from the %d rows in the program; -update rewrites it", len(rows))
	}
}

// commands reads the tables of directives out of a program's data: an
// ngx_module_t has its type behind the pointer to its table, and a table is a row of
// ngx_command_t of 56 bytes: length and address of the name, type and so on.
func commands(t *testing.T, path string) (rows []string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sections := map[*elf.Section][]byte{}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_PROGBITS && s.Addr > 0 {
			if sections[s], err = s.Data(); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := func(addr uint64) []byte {
		for s, data := range sections {
			if addr >= s.Addr && addr < s.Addr+uint64(len(data)) {
				return data[addr-s.Addr:]
			}
		}
		return nil
	}
	pointers := map[uint64]uint64{} // what the loader will put where
	moves, err := f.Section(".rela.dyn").Data()
	if err != nil {
		t.Fatal(err)
	}
	for ; len(moves) >= 24; moves = moves[24:] {
		if elf.R_X86_64(binary.LittleEndian.Uint64(moves[8:])) == elf.R_X86_64_RELATIVE {
			pointers[binary.LittleEndian.Uint64(moves)] = binary.LittleEndian.Uint64(moves[16:])
		}
	}
	for where, table := range pointers {
		kind := at(where + 8)
		if len(kind) < 8 || !slices.Contains([]string{"CORE", "CONF", "EVNT", "HTTP", "STRM"}, string(kind[:4])) || binary.LittleEndian.Uint32(kind[4:]) != 0 {
			continue
		}
		for ; ; table += 56 {
			row := at(table)
			name := at(pointers[table+8])
			if len(row) < 24 || name == nil || binary.LittleEndian.Uint64(row) == 0 {
				break
			}
			rows = append(rows, describe(string(kind[:4]), string(name[:binary.LittleEndian.Uint64(row)]), binary.LittleEndian.Uint64(row[16:])))
		}
	}
	return rows
}

// describe writes a row of directives.txt.
func describe(module, name string, kind uint64) string {
	letters := map[string]string{"HTTP": "hsluijx", "STRM": "HSU"}[module]
	where := ""
	switch {
	case kind>>24 == 0xff:
		where = "mehsluijxHSU"
	case letters == "" && module == "EVNT":
		where = "e"
	case letters == "":
		where = "m"
	case kind>>24&1 != 0:
		where = "m"
	default:
		for i, r := range letters {
			if kind>>(25+i)&1 != 0 {
				where += string(r)
			}
		}
	}
	arguments := ""
	for n := range 8 {
		if kind>>n&1 != 0 {
			arguments += fmt.Sprint(n)
		}
	}
	switch {
	case kind&0x200 != 0:
		arguments = "flag"
	case kind&0x400 != 0:
		arguments = "*"
	case kind&0x800 != 0:
		arguments = "1+"
	case kind&0x1000 != 0:
		arguments = "2+"
	}
	if kind&0x100 != 0 {
		arguments += "{"
	}
	return fmt.Sprintf("%-34s %-12s %s", name, where, arguments)
}
