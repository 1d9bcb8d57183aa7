package io.millrace.server.config;

/** Writes {@code docs/configuration.md} out of the {@link Schema}. */
final class ConfigReference {
  private final StringBuilder out = new StringBuilder();

  private ConfigReference() {}

  static String markdown() {
    ConfigReference reference = new ConfigReference();
    reference.out.append(
        """
        # Configuration

        <!-- Generated from io.millrace.server.config.Schema. To write it again:
             mvn -pl server -am test -Dtest=ConfigurationDocTest -Dsurefire.failIfNoSpecifiedTests=false -Dmillrace.docs=write -->

        One YAML file, given with `--config FILE`; `--set KEY=VALUE` puts one key over it, as in
        `--set listen.rtmp=:0` or `--set 'ladders.standard.video[1].bitrate=900k'`. Every key has a default:
        an empty file is a good one. `millrace check --config FILE` says everything that is wrong, with line, column and rule.

        - **Durations** have a unit: `200ms`, `2s`, `30m`, `1h`, `7d`. **Bit rates** are bits a second: `700k`, `2.5M`.
          **Sizes** are bytes: `64KiB`, `16MiB`. **Addresses** are `HOST:PORT`, `:PORT` (every interface), `[::1]:PORT` or `off`;
          port 0 picks a free one.
        - Relative paths count from the directory that the server was started in.
        - Anchors and aliases work. Secrets need not be in the file: stream keys are hashes (`millrace secret hash`), and
          others stand in files of their own (`key_file`, `secret_file`).

        ## The server
        """);
    reference.table(Schema.ROOT);
    reference.groups(Schema.ROOT, "");
    reference.out.append(
        """

        ## The built-in ladder

        In force where `ladders` has no `standard`; `--set` reaches into it too.

        ```yaml
        """);
    reference.out.append(ConfigLoader.standardLadderText()).append("```\n");
    return reference.out.toString();
  }

  private void groups(Group group, String path) {
    for (SchemaItem item : group.items()) {
      if (item instanceof Group inner) {
        String name =
            path
                + (path.isEmpty() ? "" : ".")
                + inner.path()
                + (inner.repeat() == Group.Repeat.LIST ? "[]" : "." + inner.placeholder());
        out.append("\n## `").append(name).append("`\n\n");
        out.append(Character.toUpperCase(inner.help().charAt(0)))
            .append(inner.help().substring(1))
            .append(".\n");
        table(inner);
        groups(inner, name);
      }
    }
  }

  private void table(Group group) {
    out.append("\n| key | takes | default | is |\n|---|---|---|---|\n");
    for (SchemaItem item : group.items()) {
      if (item instanceof Key<?> key) {
        row(key);
      }
    }
  }

  private void row(Key<?> key) {
    String takes =
        (key.list() ? "list (at most " + key.maxItems() + ") of: " : "") + key.type().rule();
    String byDefault = key.defaultText() == null ? "" : "`" + key.defaultText() + "`";
    out.append("| `")
        .append(key.path())
        .append("` | ")
        .append(takes.replace("|", "\\|"))
        .append(" | ")
        .append(key.required() ? "must be given" : byDefault)
        .append(" | ")
        .append(key.help().replace("|", "\\|"))
        .append(" |\n");
  }
}
