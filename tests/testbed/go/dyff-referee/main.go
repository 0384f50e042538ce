// Reports what differs between two documents as `flux diff kustomization` does, for a test that holds another report beside it.
// Each line of the input is `<runs> <columns> <colour> <from> <to>`: the documents are JSON in Base64, the colour is 0 (none), 16 or 24.
// Each line of the output is `ok` and the reports in Base64, or `no` and what went wrong. dyff chooses at random now and then: of so many runs, every
// report is there once.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fluxcd/flux2/v2/pkg/printers"
	"github.com/gonvenience/bunt"
	"github.com/gonvenience/term"
	"github.com/gonvenience/ytbx"
	"github.com/homeport/dyff/pkg/dyff"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		var runs, columns, colour int
		var from, to string
		if _, err := fmt.Sscan(line, &runs, &columns, &colour, &from, &to); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		term.FixedTerminalWidth, term.FixedTerminalHeight = columns, 25
		switch colour {
		case 24:
			bunt.SetColorSettings(bunt.ON, bunt.ON)
		case 16:
			bunt.SetColorSettings(bunt.ON, bunt.OFF)
		default:
			bunt.SetColorSettings(bunt.OFF, bunt.OFF)
		}
		answer := []string{"ok"}
		for range runs {
			text, err := report(from, to)
			if err != nil {
				answer = []string{"no", pack(err.Error())}
				break
			}
			if packed := pack(text); !slices.Contains(answer[1:], packed) {
				answer = append(answer, packed)
			}
		}
		fmt.Fprintln(out, strings.Join(answer, " "))
		out.Flush()
	}
}

func pack(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func report(from, to string) (text string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	live, err := document(from)
	if err != nil {
		return "", err
	}
	merged, err := document(to)
	if err != nil {
		return "", err
	}
	found, err := dyff.CompareInputFiles(live, merged,
		dyff.IgnoreOrderChanges(false),
		dyff.KubernetesEntityDetection(true),
	)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := printers.NewDyffPrinter().Print(&out, found); err != nil {
		return "", err
	}
	return out.String(), nil
}

// document is written as YAML and read as the Flux CLI does it with the files that it makes.
func document(packed string) (ytbx.InputFile, error) {
	text, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return ytbx.InputFile{}, err
	}
	var value any
	// A decoder of the API keeps whole numbers whole.
	if err := json.Unmarshal(text, &value); err != nil {
		return ytbx.InputFile{}, err
	}
	text, err = yaml.Marshal(value)
	if err != nil {
		return ytbx.InputFile{}, err
	}
	documents, err := ytbx.LoadDocuments(text)
	return ytbx.InputFile{Location: "document", Documents: documents}, err
}
