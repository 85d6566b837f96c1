package document

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Ignore is a comment that accepts what a rule finds.
//
// At the end of a line it applies to what begins on that line. On a line of its
// own it applies to what begins on the next line that is not a comment.
// Everything inside is included: above a function's Events it applies to every
// event.
type Ignore struct {
	Line        int    // of the comment
	Rule        string // may be empty or not the name of a rule
	Reason      string // may be empty
	First, Last int    // the lines it applies to
}

const marker = "latchkey:ignore"

// ignores finds the comments. The YAML library tells comments from parts of a
// text, but it does not reliably give their lines. Those are looked up.
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

// splitLines splits a text where YAML 1.1 does (section 4.2), because the lines
// of nodes are counted that way.
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

// survey notes the text of every comment in n. For every line on which a member
// or an item begins, it also notes the last line on which something inside it
// begins. It returns that last line of n.
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
