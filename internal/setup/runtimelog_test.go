package setup

import (
	"bytes"
	"encoding/json"
	"log"
	"testing"
)

func TestStandardLogIsJSON(t *testing.T) {
	flags, writer := log.Flags(), log.Writer()
	defer func() { log.SetFlags(flags); log.SetOutput(writer) }()

	for _, c := range []struct {
		line string
		want string // the text that is logged; "" means nothing is
	}{
		{`{"errorMessage":"Unauthorized","errorType":"errorString"}`, ""},
		{`{"errorMessage":"table gone","errorType":"errorString"}`, `{"errorMessage":"table gone","errorType":"errorString"}`},
		{`{"errorMessage":"Unauthorized: and more"}`, `{"errorMessage":"Unauthorized: and more"}`},
		{"plain words\n", "plain words"},
	} {
		var out bytes.Buffer
		redirectStandardLog(NewLog(&out))
		log.Print(c.line)
		var got struct{ Level, Text string }
		if c.want == "" {
			if out.Len() > 0 {
				t.Errorf("log.Print(%q) wrote %s, want nothing", c.line, &out)
			}
			continue
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Text != c.want || got.Level != "ERROR" {
			t.Errorf("log.Print(%q) wrote %s, want an error with text %q", c.line, &out, c.want)
		}
	}
}
