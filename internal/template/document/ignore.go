package document

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Ignore is a comment that accepts what a rule would find.
//
// At the end of a line it is good for what begins on that line, on a line of
// its own for what begins on the next line that is no comment; and for all
// that belongs to it: above a function's Events, for every event.
type Ignore struct {
	Line        int    // of the comment
	Rule        string // may be empty, and may be no rule's name
	Reason      string // may be empty
	First, Last int    // the lines it is good for
}

const marker = "latchkey:ignore"

// ignores finds the comments. The YAML library says which texts are comments
// and not parts of a text, but not reliably on which line: that is looked up.
func ignores(data []byte, doc *yaml.Node) []Ignore {
	comments := make(map[string]bool)
	extents := make(map[int]int)
	survey(doc, comments, extents)
	for i, node := range doc.Content[0].Content {
		if i%2 == 0 {
			delete(extents, node.Line) // a whole section is never meant
		}
	}
	var found []Ignore
	lines := splitLines(string(data))
	for i, line := range lines {
		before, comment, ok := strings.Cut(line, "#")
		for ok && !comments[strings.TrimSpace(comment)] {
			var more string
			more, comment, ok = strings.Cut(comment, "#")
			before += more
		}
		rest, ours := strings.CutPrefix(strings.TrimSpace(comment), marker)
		if !ok || !ours {
			continue
		}
		rule, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
		ignore := Ignore{Line: i + 1, Rule: rule, Reason: strings.TrimSpace(reason), First: i + 1}
		if strings.TrimSpace(before) == "" {
			ignore.First = next(lines, i) + 1
		}
		ignore.Last = max(ignore.First, extents[ignore.First])
		found = append(found, ignore)
	}
	return found
}

// splitLines splits a text where YAML 1.1 does (section 4.2): the lines of
// nodes are counted so.
func splitLines(text string) []string {
	breaks := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")
	return strings.Split(breaks.Replace(text), "\n")
}

// next returns the index of the first line after i that is neither empty nor a
// comment.
func next(lines []string, i int) int {
	for i++; i < len(lines); i++ {
		if text := strings.TrimSpace(lines[i]); text != "" && !strings.HasPrefix(text, "#") {
			return i
		}
	}
	return i
}

// survey notes the text of every comment in n, and for every line on which a
// member or an item begins the last line on which something inside it begins.
// It returns that of n.
func survey(n *yaml.Node, comments map[string]bool, extents map[int]int) int {
	for _, block := range []string{n.HeadComment, n.LineComment, n.FootComment} {
		for line := range strings.SplitSeq(block, "\n") {
			comments[strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "#"))] = true
		}
	}
	last := n.Line
	for i, content := range n.Content {
		end := survey(content, comments, extents)
		last = max(last, end)
		start := content.Line
		if n.Kind == yaml.MappingNode {
			start = n.Content[i-i%2].Line
		}
		extents[start] = max(extents[start], end)
	}
	return last
}
