package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/test/client"
)

// browserHeaders are those that Chromium adds by itself, at their longest.
const browserHeaders = "Host: abcdefghij.execute-api.ap-southeast-2.amazonaws.com\r\nConnection: keep-alive\r\nContent-Length: 13\r\n" +
	"Cache-Control: no-cache\r\nPragma: no-cache\r\n" +
	"sec-ch-ua-platform: \"Windows\"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua: \"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n" +
	"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n" +
	"Accept: */*\r\nContent-Type: application/json\r\nrid: anti-csrf\r\nst-auth-mode: header\r\nfdi-version: 1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1,4.2\r\n" +
	"Origin: http://localhost:3000\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://localhost:3000/\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n"

// A page on the API's own host, in header mode: the frontend's cookies go to
// the API beside the header, the access token twice. With all claims that there
// may be, the user's layer as so many bytes of base64 more where no route sets
// it, the requests stay below what API Gateway takes, and a user can sign out.
func TestHeadersOfALargeSession(t *testing.T) {
	// The issuer is as long as API Gateway makes one.
	l := start(t, "-set", "SigningAlgorithm=RS256", "-set", "ApiDomain=api.abcdefghij.of-a-company-with-a-long-name.example.com")
	c, again := l.signUp()
	claims, err := client.ClaimsOf(c.Bearer)
	must(t, err)
	admin := l.Client
	admin.Key = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "a secret"}
	full := func(name string, size int) string {
		return `{"` + name + `":"` + strings.Repeat("x", size-len(`{"":""}`)-len(name)) + `"}`
	}
	admin.Do("PATCH", "/admin/sessions/"+claims.Handle+"/claims", full("b", 1001)).Want(400)
	admin.Do("PATCH", "/admin/sessions/"+claims.Handle+"/claims", full("b", 1000)).Want(200)
	padding := 3 * 600 * 4 / 3 // in the access token, twice, and in the front-token
	l.now = l.now.Add(2 * time.Minute)
	answer := again.Post("/auth/session/refresh", "").Want(200)
	access, refresh := answer.Tokens()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go serve(t.Context(), listener, l.handler)
	for _, r := range []struct {
		path   string
		status int
	}{{"/notes", 201}, {"/auth/signout", 200}} {
		request := "POST " + r.path + " HTTP/1.1\r\n" + strings.Replace(browserHeaders, "Host: abcdefghij.execute-api.ap-southeast-2.amazonaws.com", "Host: localhost", 1) +
			"X-As-Long-As-The-Host: " + strings.Repeat("x", 45) + "\r\nAuthorization: Bearer " + access +
			"\r\nCookie: st-access-token=" + access + "; st-refresh-token=" + refresh + "; sFrontToken=" + answer.Header.Get("Front-Token") +
			"; st-last-access-token-update=1795810703000; _ga=GA1.1.1234567890.1795810703\r\nX-Padding: " + strings.Repeat("x", padding) + "\r\n\r\n"
		if len(request) > 10240 {
			t.Errorf("%s takes %d bytes, want 10,240 at most", r.path, len(request))
		}
		conn, err := net.Dial("tcp", listener.Addr().String())
		must(t, err)
		fmt.Fprint(conn, request+`{"text":"x"} `)
		reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || reply.StatusCode != r.status {
			t.Errorf("%s of %d bytes = %v, %v, want %d", r.path, len(request), reply, err, r.status)
		}
		t.Logf("%s: %d bytes of headers", r.path, len(request))
		conn.Close()
	}
}
