package gateway

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// setOrigin tells a browser that pages of the origin may read the answer.
func setOrigin(h http.Header, origin string, credentials bool) {
	h.Set("Access-Control-Allow-Origin", origin)
	if credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

// setPreflight tells a browser which requests it may send.
func setPreflight(h http.Header, cors *template.CORS) {
	h.Set("Access-Control-Allow-Methods", strings.Join(cors.Methods, ","))
	h.Set("Access-Control-Allow-Headers", strings.Join(cors.Headers, ","))
	if cors.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", fmt.Sprintf("%.0f", cors.MaxAge.Seconds()))
	}
}
