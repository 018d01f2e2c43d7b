// akismet KEY [SOCKET]: the host is fixed; with SOCKET what would go there by TLS goes to that Unix socket as it is.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/adtac/go-akismet/akismet"
)

type call struct {
	Call    string
	Key     string
	Comment struct{ Author, Email, URL, Content string }
}

func answer(c *call, key string) (string, error) {
	comment := &akismet.Comment{
		Blog: "http://blog.example.com/", UserIP: "203.0.113.7", UserAgent: "Mozilla/5.0 Example", CommentType: "comment",
		CommentAuthor: c.Comment.Author, CommentAuthorEmail: c.Comment.Email, CommentAuthorURL: c.Comment.URL, CommentContent: c.Comment.Content,
	}
	switch c.Call {
	case "verify": // the library has no such call: a check tells
		if _, err := akismet.Check(comment, c.Key); err != nil {
			return err.Error(), nil
		}
		return "valid", nil
	case "check":
		spam, err := akismet.Check(comment, key)
		if spam {
			return "spam", err
		}
		return "ham", err
	case "spam":
		return "thanked", akismet.SubmitSpam(comment, key)
	default:
		return "thanked", akismet.SubmitHam(comment, key)
	}
}

func main() {
	if len(os.Args) > 2 {
		http.DefaultTransport.(*http.Transport).DialTLSContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", os.Args[2])
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		c := new(call)
		word, err := "", json.Unmarshal(lines.Bytes(), c)
		if err == nil {
			word, err = answer(c, os.Args[1])
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(word)
	}
}
