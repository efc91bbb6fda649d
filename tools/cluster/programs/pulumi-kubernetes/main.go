// The Kubernetes resource provider of Pulumi. Its releases are not tagged as a Go module, so its entry point stands here.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

func main() { provider.Serve("kubernetes", "4.25.0", schema, mapping) }
