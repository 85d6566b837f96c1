package setup

import (
	"encoding/json"
	"log"
	"log/slog"
	"strings"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// runtimeLog takes what aws-lambda-go writes to the standard logger, and turns
// it into lines of JSON like all others.
//
// It leaves out the line about every refused request. The metrics count those
// already, and a caller that sends a million requests without a token must not
// cause a million lines.
type runtimeLog struct{ log *slog.Logger }

// redirectStandardLog sends the lines of the standard logger to a runtimeLog.
func redirectStandardLog(to *slog.Logger) {
	log.SetFlags(0)
	log.SetOutput(runtimeLog{to})
}

// Write takes one line.
func (r runtimeLog) Write(line []byte) (int, error) {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	err := json.Unmarshal(line, &failure)
	if err != nil || failure.Message != authorizer.ErrUnauthorized.Error() {
		r.log.Error("lambda runtime", "text", strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
