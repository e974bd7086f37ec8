package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"partway/ossapi/profile"
)

// app is one run of the program: what it was given and what all commands share.
type app struct {
	env    Env
	out    *output
	stop   *interrupts
	global globalFlags
	events *eventWriter // nil without --json
}

// globalFlags are the flags of every command.
type globalFlags struct {
	profile  profile.Flags
	state    string
	quiet    bool
	verbose  bool
	json     bool
	yes      bool
	progress string
	color    string
}

const rootLong = `Partway sends files to Alibaba Cloud OSS in parts, and manages the uploads that were left partway: it lists them,
goes on with them, completes or aborts them.

What was sent is never lost: every upload has a journal, and after a crash, a lost connection or Ctrl-C the same command
goes on with the parts that are missing.

Without a command it opens on a terminal the screens of a bucket, where files are chosen, uploads are watched, and all of
the above is a key; paths behind the bucket are marked to be sent. Without a terminal it lists the unfinished uploads.

Credentials come from the environment (OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET), from ~/.config/partway/config.toml,
from ~/.ossutilconfig, from ~/.aliyun/config.json or from the RAM role of an ECS instance; never from the command line.

Every flag can be given in the environment as well: --part-size is PARTWAY_PART_SIZE, and so on (but not --yes).

Exit codes: 0 done, 1 some uploads failed, 2 wrong usage, 3 nothing matched, 4 credentials or a right are missing,
5 temporary failure, the work is kept, run it again, 6 conflict (something exists, changed, is gone or is another process's),
7 needs --yes, 130 interrupted, what was finished is kept.`

const rootExample = `  partway oss://my-bucket                             the screens: what is unfinished, what moves, keys to act on it
  partway put backup.tar oss://my-bucket/backups/     send a file
  partway ls oss://my-bucket --measure                what lies around unfinished, and what it holds
  partway resume --all                                go on with everything that was interrupted
  partway demo                                        see it all work, without an account`

func (a *app) rootCommand() *cobra.Command {
	screens := &screenFlags{}
	root := &cobra.Command{
		Use:           "partway [oss://BUCKET[/PREFIX] [PATH...]]",
		Short:         "Multipart uploads to Alibaba Cloud OSS that are never lost",
		Long:          rootLong,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          a.rootArgs,
		RunE:          func(cmd *cobra.Command, args []string) error { return a.openScreens(cmd, args, screens) },
	}
	screens.add(root.Flags())
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetOut(a.out)
	root.SetErr(a.env.Stderr)
	root.SetIn(a.env.Stdin)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &failure{code: ExitUsage, err: err, next: []string{cmd.CommandPath() + " --help"}}
	})
	a.addGlobalFlags(root.PersistentFlags())
	root.PersistentPreRunE = a.prepare
	root.AddCommand(a.putCommand(), a.listCommand(), a.partsCommand(), a.resumeCommand(), a.completeCommand(), a.abortCommand(),
		a.pruneCommand(), a.verifyCommand(), a.demoCommand(), a.emulatorCommand(), a.versionCommand(), a.docsCommand())
	return root
}

func (a *app) addGlobalFlags(flags *pflag.FlagSet) {
	g := &a.global
	flags.StringVar(&g.profile.Profile, "profile", "", "use the profile of this `name`")
	flags.StringVar(&g.profile.Endpoint, "endpoint", "", "endpoint of the service, a `host` or URL")
	flags.StringVar(&g.profile.Region, "region", "", "region of the bucket, as in cn-hangzhou")
	flags.StringVar(&g.profile.Config, "config", "", "configuration `file` (~/.config/partway/config.toml)")
	flags.StringVar(&g.profile.Style, "style", "", "where the bucket's name goes: auto, virtual, path or cname")
	flags.BoolVar(&g.profile.AllowHTTP, "allow-http", false, "permit an endpoint without encryption")
	flags.StringVar(&g.state, "state", "", "`folder` of the journals (~/.local/state/partway)")
	flags.BoolVarP(&g.quiet, "quiet", "q", false, "say nothing but errors")
	flags.BoolVarP(&g.verbose, "verbose", "v", false, "say more: every retry, every file skipped")
	flags.BoolVar(&g.json, "json", false, "write JSON lines to standard output (docs/JSON.md)")
	flags.StringVar(&g.progress, "progress", "auto", "how progress is shown: auto, tty, plain, json or none")
	flags.StringVar(&g.color, "color", "auto", "colours: auto, always or never")
	flags.BoolVarP(&g.yes, "yes", "y", false, "answer every question with yes")
}

// prepare checks what all commands share, before any of them runs.
func (a *app) prepare(cmd *cobra.Command, _ []string) error {
	if err := a.flagsFromEnvironment(cmd.Flags()); err != nil {
		return err
	}
	for _, choice := range []struct {
		flag, value string
		legal       []string
	}{
		{"--progress", a.global.progress, []string{"auto", "tty", "plain", "json", "none"}},
		{"--color", a.global.color, []string{"auto", "always", "never"}},
		{"--style", a.global.profile.Style, []string{"", "auto", "virtual", "path", "cname"}},
	} {
		if err := oneOf(choice.flag, choice.value, choice.legal...); err != nil {
			return err
		}
	}
	if a.global.progress == "json" {
		a.global.json = true
	}
	if a.global.json {
		a.events = &eventWriter{to: a.out, now: a.env.Now}
	}
	return nil
}

// flagsFromEnvironment gives every flag that was not typed the value of its variable, PARTWAY_PART_SIZE for --part-size. Left out
// are --yes, because consent is given for one command, and what packages profile and state read by themselves.
func (a *app) flagsFromEnvironment(flags *pflag.FlagSet) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		switch f.Name {
		case "yes", "profile", "config", "state", "help":
			return
		}
		name := "PARTWAY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := a.env.Getenv(name)
		if value == "" || f.Changed || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = usagef("the variable %s has the value %q: %w", name, value, err)
		}
	})
	return failed
}

// oneOf checks a value that is a choice.
func oneOf(flag, value string, legal ...string) error {
	for _, l := range legal {
		if value == l {
			return nil
		}
	}
	if legal[0] == "" {
		legal = legal[1:]
	}
	return usagef("%s %q is not known: it is one of %s", flag, value, strings.Join(legal, ", "))
}

// rootArgs accepts an address and explains a word that is no command.
func (a *app) rootArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "oss://") {
		return nil
	}
	f := failf(ExitUsage, "%q is not a command of partway", args[0])
	for _, name := range cmd.SuggestionsFor(args[0]) {
		f.withNext("partway " + name)
	}
	return f.withNext("partway --help lists the commands")
}

// needArgs is a check of the number of arguments whose error says what is wanted.
func needArgs(least, most int, wanted string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		return failf(ExitUsage, "%s needs %s, not %s", cmd.CommandPath(), wanted, count(len(args), "argument")).
			withNext(cmd.CommandPath() + " --help")
	}
}

// say tells people something, unless they asked for quiet. The text must be free of foreign text that is not escaped.
func (a *app) say(format string, args ...any) {
	if !a.global.quiet {
		fmt.Fprintf(a.env.Stderr, format+"\n", args...)
	}
}

// warn tells people something that they should know even when they asked for quiet.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.env.Stderr, "partway: "+format+"\n", args...)
}
