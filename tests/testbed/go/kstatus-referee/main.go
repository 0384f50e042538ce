// Judges objects as kstatus does, for a test that holds another judgement beside it.
// Each line of the input is an object in JSON; each line of the output is its status, or `Error`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		fmt.Fprintln(out, judge(in.Bytes()))
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func judge(line []byte) string {
	object := &unstructured.Unstructured{}
	// A decoder of the API keeps whole numbers whole.
	if err := json.Unmarshal(line, object); err != nil {
		return "Error"
	}
	found, err := status.Compute(object)
	if err != nil {
		return "Error"
	}
	return found.Status.String()
}
