package conform

// testCase is one rule of the protocol.
type testCase struct {
	name string
	run  func(*trial)
	v4   bool // a rule of the V4 signature
}

// cases returns all cases in the order they run.
func cases() []testCase {
	var all []testCase
	for _, group := range [][]testCase{
		cycleCases(), partCases(), completeCases(), abortCases(), overwriteCases(),
		listUploadsCases(), keyCases(), listPartsCases(), copyCases(),
		objectCases(), metadataCases(), errorCases(), signatureCases(),
	} {
		all = append(all, group...)
	}
	return all
}
