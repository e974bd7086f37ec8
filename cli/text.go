package cli

import (
	"fmt"
	"strings"

	"partway/model"
	"partway/model/safe"
)

// clean is a foreign text, a key or a file name, as it may be shown: nothing in it can drive a terminal, and two different ones
// never look the same.
func clean(foreign string) string { return safe.Clean(foreign).String() }

// sentence is a foreign text that was made for reading, an error or a message of the server, as it may be shown. Backslashes stay
// as they are: such texts often are escaped already, and nobody compares them.
func sentence(foreign string) string {
	pieces := strings.Split(foreign, `\`)
	for i, piece := range pieces {
		pieces[i] = clean(piece)
	}
	return strings.Join(pieces, `\`)
}

// paragraph is a sentence over several lines, for errors that are lists.
func paragraph(foreign string) string {
	lines := strings.Split(foreign, "\n")
	for i, line := range lines {
		lines[i] = sentence(line)
	}
	return strings.Join(lines, "\n")
}

// showURL is oss://bucket/key for people.
func showURL(bucket, key string) string { return "oss://" + clean(bucket) + "/" + clean(key) }

// count is "1 file", "2 files".
func count(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(one, "y"))
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// fraction is how far n is in total as a percentage, rounded down so that 100 % means all of it. Nothing of nothing is all.
func fraction(n, total int64) int {
	switch {
	case total <= 0:
		return 100
	case n >= total:
		return 100
	}
	return int(float64(n) / float64(total) * 100)
}

// sizes writes "89.0/212 GiB": both in the unit of the second where that is readable, else each in its own.
func sizes(n, total int64) string {
	whole := model.FormatSize(total)
	number, unit, _ := strings.Cut(whole, " ")
	part := model.FormatSize(n)
	if partNumber, partUnit, _ := strings.Cut(part, " "); partUnit == unit {
		return partNumber + "/" + number + " " + unit
	}
	return part + "/" + whole
}
