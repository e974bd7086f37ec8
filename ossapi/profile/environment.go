package profile

import (
	"partway/ossapi"
)

// flagLayer is the command line. It carries no secret: arguments are readable by everyone on the machine.
func (s Sources) flagLayer() *layer {
	f := s.Flags
	l := &layer{place: "flags", region: f.Region, endpoint: f.Endpoint, style: f.Style,
		allowHTTP: f.AllowHTTP, internal: f.Internal, accelerate: f.Accelerate}
	return l
}

// flagPlace is the line of the command line in a search for credentials.
func (s Sources) flagPlace() Place {
	given := ""
	for _, f := range []struct{ name, value string }{
		{"--profile", s.Flags.Profile}, {"--endpoint", s.Flags.Endpoint}, {"--region", s.Flags.Region}, {"--config", s.Flags.Config},
	} {
		if f.value != "" {
			if given != "" {
				given += ", "
			}
			given += f.name
		}
	}
	if given == "" {
		return Place{Name: "flags --profile, --endpoint", Result: "not given"}
	}
	return Place{Name: "flags --profile, --endpoint", Result: "given: " + given}
}

// ossEnvironment is what PARTWAY_* and OSS_* say. The names OSS_* are those of ossutil 2 and of the SDKs.
func (s Sources) ossEnvironment() *layer {
	l := &layer{place: "OSS_ACCESS_KEY_ID / OSS_ACCESS_KEY_SECRET"}
	l.region = first(s.Getenv("PARTWAY_REGION"), s.Getenv("OSS_REGION"))
	l.endpoint = first(s.Getenv("PARTWAY_ENDPOINT"), s.Getenv("OSS_ENDPOINT"))
	l.style = s.Getenv("PARTWAY_STYLE")
	id := s.Getenv("OSS_ACCESS_KEY_ID")
	secret := ossapi.Secret(s.Getenv("OSS_ACCESS_KEY_SECRET"))
	if id == "" && secret != "" {
		id = s.Flags.AccessKeyID // the id is no secret and may come by flag
	}
	if id == "" && secret == "" {
		l.access.missing = "not set"
		return l
	}
	l.access = variables(id, secret, ossapi.Secret(s.Getenv("OSS_SESSION_TOKEN")))
	return l
}

// alibabaEnvironment is what the variables say that all tools of Alibaba Cloud share.
func (s Sources) alibabaEnvironment() *layer {
	l := &layer{place: "ALIBABA_CLOUD_ACCESS_KEY_ID / ..._SECRET"}
	l.region = s.Getenv("ALIBABA_CLOUD_REGION_ID")
	id := s.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
	secret := ossapi.Secret(s.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
	uri := s.Getenv("ALIBABA_CLOUD_CREDENTIALS_URI")
	if id == "" && secret == "" {
		l.access.missing = "not set"
		if uri != "" {
			l.place = "ALIBABA_CLOUD_CREDENTIALS_URI"
			l.access = uriAccess(uri)
		}
		return l
	}
	l.access = variables(id, secret, ossapi.Secret(s.Getenv("ALIBABA_CLOUD_SECURITY_TOKEN")))
	return l
}

// variables makes the access of a pair of variables of which at least one is set.
func variables(id string, secret, token ossapi.Secret) access {
	a := keyPair(id, secret, token, "", "")
	switch {
	case a.kind == kindKey:
	case a.err != nil:
		a.missing = "set, but damaged"
	case id == "":
		a.missing = "only the secret is set"
	default:
		a.missing = "only the id is set"
	}
	return a
}

func uriAccess(uri string) access {
	if err := checkURI(uri); err != nil {
		return access{missing: "set, but not an address", err: err}
	}
	return access{kind: kindURI, uri: uri}
}
