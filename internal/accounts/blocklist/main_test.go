package main

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	in := `["zxcvbnm,", "short", "PASSWORD", "password", "12345678"]`
	if err := run(strings.NewReader(in), &out); err != nil {
		t.Fatalf("run = %v, want nil", err)
	}
	// The digests of password, "zxcvbnm," and 12345678, by sha256sum.
	const want = "5e884898da" + "bb49ab7b89" + "ef797c8118"
	if got := hex.EncodeToString(out.Bytes()); got != want {
		t.Errorf("run wrote %s, want %s", got, want)
	}
}

func TestRunRefusesNoList(t *testing.T) {
	for _, in := range []string{"", "{}", `["password"`, "password\n"} {
		var out bytes.Buffer
		if err := run(strings.NewReader(in), &out); err == nil || out.Len() != 0 {
			t.Errorf("run(%q) = %v and wrote %d bytes, want an error and nothing", in, err, out.Len())
		}
	}
}
