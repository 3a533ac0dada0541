package convert

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const keyedTrace = "t_s,client,src,hold_s,key:url,\"key:a,b\"\n0,ann,192.0.2.1,0,17,\n1,bob,192.0.2.2,0,,999999\n"

// A trace has the values of keys, and says where there is none.
func TestTraceKeys(t *testing.T) {
	got, err := ReadTrace(strings.NewReader(keyedTrace), "test.csv")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"url", "a,b"}; !reflect.DeepEqual(got.Keys, want) {
		t.Errorf("keys %q, want %q", got.Keys, want)
	}
	if want := [][]int32{{17, -1}, {-1, 999999}}; !reflect.DeepEqual(got.Values, want) {
		t.Errorf("values %v, want %v", got.Values, want)
	}
	var text bytes.Buffer
	if err := got.Write(&text); err != nil || text.String() != keyedTrace {
		t.Errorf("%v, written again:\n%s", err, &text)
	}
}

func TestTraceKeysErrors(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(keyedTrace, "17", "-1", 1):             `test.csv:2:19: error: key:url: "-1" is not a whole number from 0 to 999999`,
		strings.Replace(keyedTrace, "999999", "1e6", 1):        `test.csv:3:20: error: key:a,b: "1e6" is not a whole number from 0 to 999999`,
		strings.Replace(keyedTrace, `"key:a,b"`, "key:url", 1): "test.csv:1:31: error: key:url: the column is there twice",
	} {
		if _, err := ReadTrace(strings.NewReader(text), "test.csv"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
