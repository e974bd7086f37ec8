package ossapi

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	const canary = "canary-3141592653"
	c := Credentials{AccessKeyID: "id", AccessKeySecret: canary, SecurityToken: canary}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", Secret(canary), "all", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", Secret(canary), "all", c)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asXML, err := xml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{log.String(), string(asJSON), string(asXML), fmt.Sprint(StaticCredentials("id", canary, canary))}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		printed = append(printed, fmt.Sprintf(verb, Secret(canary)), fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	hidden := []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)}
	for _, text := range printed {
		for _, h := range hidden {
			if strings.Contains(text, h) {
				t.Errorf("printed: %s", text)
			}
		}
	}
	if Secret(canary).Reveal() != canary {
		t.Error("Reveal does not reveal")
	}
}
