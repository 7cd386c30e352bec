const ALLOWED = '{"allowed": true}';
const WITHOUT_ENVIRONMENT = '{"allowed": true, "env_list": null}';
const WITH_OUTPUT = '{"allowed": true, "env_list": null, "allow_stdio_access": true}';

// What the service answers, to the letter, blanks at a line's end included.
const LINES = [
  "package policy",
  "",
  'api_svn := "0.10.0"',
  "",
  `mount_device := ${ALLOWED}`,
  `mount_overlay := ${ALLOWED}`,
  `create_container := ${WITH_OUTPUT}`,
  `unmount_device := ${ALLOWED} `,
  `unmount_overlay := ${ALLOWED}`,
  `exec_in_container := ${WITHOUT_ENVIRONMENT}`,
  `exec_external := ${WITH_OUTPUT}`,
  `shutdown_container := ${ALLOWED}`,
  `signal_container_process := ${ALLOWED}`,
  `plan9_mount := ${ALLOWED}`,
  `plan9_unmount := ${ALLOWED}`,
  `get_properties := ${ALLOWED}`,
  `dump_stacks := ${ALLOWED}`,
  `runtime_logging := ${ALLOWED}`,
  `load_fragment := ${ALLOWED}`,
  `scratch_mount := ${ALLOWED}`,
  `scratch_unmount := ${ALLOWED}`,
  "",
];

/** The policy that a confidential group gets which brings none: everything is allowed. */
export const DEFAULT_CCE_POLICY = Buffer.from(LINES.join("\n")).toString("base64");
