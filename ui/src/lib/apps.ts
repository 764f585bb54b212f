// The names of AI apps as people know them. An app that is not in the table is shown under the name it has.
const NAMES: Record<string, string> = {
  amazon_q: "Amazon Q",
  claude_code: "Claude Code",
  claude_desktop: "Claude Desktop",
  cline: "Cline",
  codex: "Codex",
  continue: "Continue",
  copilot_cli: "Copilot CLI",
  cursor: "Cursor",
  gemini_cli: "Gemini CLI",
  goose: "Goose",
  junie: "Junie",
  kiro: "Kiro",
  lm_studio: "LM Studio",
  roo_code: "Roo Code",
  vs_code: "VS Code",
  vscode: "VS Code",
  vscode_insiders: "VS Code Insiders",
  vscodium: "VSCodium",
  windsurf: "Windsurf",
  zed: "Zed",
};

export function appName(id: string): string {
  return NAMES[id.toLowerCase().replaceAll("-", "_")] ?? id;
}
