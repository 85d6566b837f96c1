package accounts

import (
	"strings"
	"testing"
)

func TestListIsWholeAndSorted(t *testing.T) {
	if len(common)%digestWidth != 0 || len(common)/digestWidth < 3000 {
		t.Fatalf("the list has %d bytes, want %d for each of 3000 passwords or more", len(common), digestWidth)
	}
	for i := digestWidth; i < len(common); i += digestWidth {
		before, this := common[i-digestWidth:i], common[i:i+digestWidth]
		if strings.Compare(before, this) >= 0 {
			t.Fatalf("entry %d does not follow the one before", i/digestWidth)
		}
	}
}
