/**
 * The workflow of an office's own folder: it refuses what is unsound or stale, and shows the diff of what will run. Actions by commit: a tag can be
 * moved to other code.
 */
export function workflow(): string {
  return `# The configuration and the program are sound, and charts-out/ is what they render to. The summary of each run shows how charts-out/ changes: a
# review of that is a review of what will run.
name: check
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
          fetch-depth: 0
      - uses: actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444 # v5.0.0
        with:
          node-version: '22'
          cache: npm
      - run: npm ci --no-audit --no-fund
      - name: show how charts-out changes
        env:
          BASE: \${{ github.event.pull_request.base.sha || github.event.before }}
        run: |
          # The first push has nothing before it: then all is new.
          git rev-parse --quiet --verify "$BASE^{commit}" >/dev/null || BASE=$(git hash-object -t tree /dev/null)
          {
            echo '### charts-out'
            git diff --stat "$BASE" HEAD -- charts-out
            echo '\`\`\`diff'
            # A summary holds 1 MiB at most.
            git diff "$BASE" HEAD -- charts-out | head --bytes=900000
            echo
            echo '\`\`\`'
          } | tee -a "$GITHUB_STEP_SUMMARY"
      - run: npm run check
`;
}
