// Describes the APIs of GitLab and Bitbucket Server as the clients of the Flux CLI know them, for a test that holds another client
// and a stand-in to it. What a function of a client sends is a call, and its types are those of the bodies.
// The output is one object with a description for each forge, in the form of Swagger 2.0.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/fluxcd/go-git-providers/stash"
	"github.com/go-logr/logr"
	gitlab "gitlab.com/gitlab-org/api/client-go"
)

// What stands for a text and a number in a path.
const (
	text   = "some-text"
	number = 424242
)

type object = map[string]any

func main() {
	wire := &wire{}
	client := &http.Client{Transport: wire}
	lab, err := gitlab.NewClient("", gitlab.WithHTTPClient(client), gitlab.WithBaseURL("http://forge"), gitlab.WithoutRetries())
	if err != nil {
		fail(err)
	}
	bucket, err := stash.NewClient(client, "http://forge", nil, logr.Discard())
	if err != nil {
		fail(err)
	}
	out := object{
		"gitlab": describe(wire, "/api/v4",
			lab.Users.CurrentUser,
			lab.Groups.GetGroup,
			lab.Projects.GetProject,
			lab.Projects.CreateProject,
			lab.Projects.EditProject,
			lab.Projects.ShareProjectWithGroup,
			lab.Projects.DeleteSharedProjectFromGroup,
			lab.DeployKeys.ListProjectDeployKeys,
			lab.DeployKeys.AddDeployKey,
			lab.DeployKeys.DeleteDeployKey,
			lab.DeployTokens.ListProjectDeployTokens,
			lab.DeployTokens.CreateProjectDeployToken,
			lab.DeployTokens.DeleteProjectDeployToken,
			lab.Users.ListUsers,
			lab.MergeRequests.ListProjectMergeRequests,
			lab.MergeRequests.CreateMergeRequest,
			lab.MergeRequests.GetMergeRequest,
			lab.MergeRequests.UpdateMergeRequest,
			lab.MergeRequests.AcceptMergeRequest,
		),
		"bitbucket": describe(wire, "/rest",
			bucket.Projects.List,
			bucket.Projects.ListProjectGroupsPermission,
			bucket.Repositories.Get,
			bucket.Repositories.Create,
			bucket.Repositories.Update,
			bucket.Repositories.ListRepositoryGroupsPermission,
			bucket.Repositories.UpdateRepositoryGroupPermission,
			bucket.DeployKeys.List,
			bucket.DeployKeys.Create,
			bucket.DeployKeys.Delete,
			bucket.PullRequests.List,
			bucket.PullRequests.Create,
			bucket.PullRequests.Get,
			bucket.PullRequests.Update,
		),
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fail(err)
	}
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, what)
	os.Exit(2)
}

// wire keeps the last request and answers it with nothing.
type wire struct {
	method, path string
	hasBody      bool
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	w.method, w.path = request.Method, request.URL.EscapedPath()
	w.hasBody = false
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		w.hasBody = len(body) > 0
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader("{}")),
		Request:    request,
	}, nil
}

func describe(wire *wire, base string, functions ...any) object {
	types := types{}
	paths := object{}
	for _, function := range functions {
		types.add(paths, wire, base, reflect.ValueOf(function))
	}
	return object{"basePath": base, "paths": paths, "definitions": types}
}

// types are the definitions by name.
type types map[string]any

// add calls a function and describes what it sends.
func (t types) add(paths object, wire *wire, base string, function reflect.Value) {
	kind := function.Type()
	var arguments []reflect.Value
	var asked reflect.Type
	for i := range kind.NumIn() {
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			break
		}
		argument := example(kind.In(i))
		if kind.In(i).Kind() == reflect.Pointer {
			asked = kind.In(i).Elem()
		}
		arguments = append(arguments, argument)
	}
	wire.path = ""
	function.Call(arguments)
	path, found := strings.CutPrefix(wire.path, base)
	if !found {
		fail(fmt.Sprintf("%s sends nothing below %s: %q", kind, base, wire.path))
	}
	status, parameters, answer := "200", []any{}, object{"description": "as the client reads it"}
	if out := kind.Out(0); out.Kind() == reflect.Pointer && !strings.HasSuffix(out.Elem().Name(), "Response") || out.Kind() == reflect.Slice {
		answer["schema"] = t.schema(out)
	}
	// Both forges answer so throughout.
	switch {
	case wire.method == http.MethodPost:
		status = "201"
	case wire.method == http.MethodDelete, wire.method == http.MethodPut && answer["schema"] == nil:
		status = "204"
	}
	switch {
	case wire.hasBody:
		parameters = append(parameters, object{"name": "body", "in": "body", "schema": t.schema(asked)})
	case asked != nil && wire.method == http.MethodGet:
		parameters = append(parameters, t.query(asked)...)
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if segment == text || segment == fmt.Sprint(number) {
			segments[i] = fmt.Sprintf("{%d}", i)
		}
	}
	path = strings.Join(segments, "/")
	calls, ok := paths[path].(object)
	if !ok {
		calls = object{}
		paths[path] = calls
	}
	calls[strings.ToLower(wire.method)] = object{"parameters": parameters, "responses": object{status: answer}}
}

// example is an argument whose texts and numbers are found again in a path.
func example(kind reflect.Type) reflect.Value {
	if kind == reflect.TypeFor[context.Context]() {
		return reflect.ValueOf(context.Background())
	}
	value := reflect.New(kind).Elem()
	switch kind.Kind() {
	case reflect.Interface:
		value.Set(reflect.ValueOf(text))
	case reflect.Pointer:
		value.Set(reflect.New(kind.Elem()))
		fill(value.Elem())
	default:
		fill(value)
	}
	return value
}

func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		value.SetString(text)
	case reflect.Int, reflect.Int64:
		value.SetInt(number)
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Field(i).CanSet() {
				fill(value.Field(i))
			}
		}
	}
}

// tagged is the name that a tag gives to a field, and whether it has one.
func tagged(field reflect.StructField, tag string) (string, bool) {
	name, _, _ := strings.Cut(field.Tag.Get(tag), ",")
	return name, name != "" && name != "-"
}

func (t types) query(kind reflect.Type) []any {
	var all []any
	for i := range kind.NumField() {
		field := kind.Field(i)
		if name, ok := tagged(field, "url"); ok {
			parameter := object{"name": name, "in": "query"}
			for key, value := range t.schema(field.Type) {
				parameter[key] = value
			}
			all = append(all, parameter)
		} else if field.Anonymous {
			all = append(all, t.query(field.Type)...)
		}
	}
	return all
}

func (t types) schema(kind reflect.Type) object {
	reads := reflect.TypeFor[json.Unmarshaler]()
	switch kind {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[gitlab.ISOTime]():
		return object{"type": "string", "format": "date"}
	}
	if kind.Implements(reads) && kind.Kind() != reflect.Pointer || reflect.PointerTo(kind).Implements(reads) {
		return object{}
	}
	switch kind.Kind() {
	case reflect.Pointer:
		return t.schema(kind.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": t.schema(kind.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": t.schema(kind.Elem())}
	case reflect.Struct:
		if kind.Name() == "" {
			return object{"type": "object", "properties": t.properties(kind)}
		}
		if _, ok := t[kind.Name()]; !ok {
			// A type may hold itself.
			t[kind.Name()] = nil
			t[kind.Name()] = object{"type": "object", "properties": t.properties(kind)}
		}
		return object{"$ref": "#/definitions/" + kind.Name()}
	}
	return object{}
}

func (t types) properties(kind reflect.Type) object {
	all := object{}
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, ok := tagged(field, "json")
		switch {
		// What a client notes for itself.
		case name == "sessionInfo":
		case ok:
			all[name] = t.schema(field.Type)
		case field.Anonymous:
			for key, value := range t.properties(field.Type) {
				all[key] = value
			}
		}
	}
	return all
}
