// Reads YAML as Go's Kubernetes tools do, for a test that holds another reader beside them.
// Each line of the input is `<mode> <Base64 of a text>`; each line of the output is `ok` or `no`, and Base64 of the answer.
package main

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
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
		mode, packed, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		text, err := base64.StdEncoding.DecodeString(packed)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		word := "ok"
		answer, err := answerTo(mode, text)
		if err != nil {
			word, answer = "no", []byte(err.Error())
		}
		fmt.Fprintf(out, "%s %s\n", word, base64.StdEncoding.EncodeToString(answer))
		out.Flush()
	}
}

func answerTo(mode string, text []byte) (answer []byte, err error) {
	// A reader that panics refuses.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	switch mode {
	case "json":
		return yaml.YAMLToJSON(text)
	case "strict":
		return yaml.YAMLToJSONStrict(text)
	case "again":
		var value any
		if err := yaml.Unmarshal(text, &value); err != nil {
			return nil, err
		}
		return yaml.Marshal(value)
	case "write":
		return yaml.JSONToYAML(text)
	case "kustomize":
		return built(text)
	}
	return nil, fmt.Errorf("no mode %q", mode)
}

// built is the file as the only resource of a kustomization.
func built(text []byte) ([]byte, error) {
	files := filesys.MakeFsInMemory()
	if err := files.WriteFile("kustomization.yaml", []byte("resources: [all.yaml]\n")); err != nil {
		return nil, err
	}
	if err := files.WriteFile("all.yaml", text); err != nil {
		return nil, err
	}
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, ".")
	if err != nil {
		return nil, err
	}
	return objects.AsYaml()
}
