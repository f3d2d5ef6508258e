/**
 * The event classes of OCSF 1.8.0 that we write, as the schema numbers and names them. `testing/ocsf-1.8.0.json` holds the same
 * schema's attributes, and a test compares.
 */
export interface ClassDefinition {
  readonly uid: number;
  readonly category: number;
  readonly caption: string;
  /** Every class also knows 0 (Unknown) and 99 (Other). */
  readonly activities: Readonly<Record<number, string>>;
}

export const OCSF_VERSION = "1.8.0";

export const CATEGORY_NAMES: Readonly<Record<number, string>> = {
  0: "Uncategorized",
  1: "System Activity",
  2: "Findings",
  3: "Identity & Access Management",
  4: "Network Activity",
  5: "Discovery",
  6: "Application Activity",
};

// prettier-ignore
export const CLASSES = {
  base_event: { uid: 0, category: 0, caption: "Base Event", activities: {  } },
  file_activity: { uid: 1001, category: 1, caption: "File System Activity", activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Rename", 6: "Set Attributes", 7: "Set Security", 8: "Get Attributes", 9: "Get Security", 10: "Encrypt", 11: "Decrypt", 12: "Mount", 13: "Unmount", 14: "Open" } },
  kernel_extension_activity: { uid: 1002, category: 1, caption: "Kernel Extension Activity", activities: { 1: "Load", 2: "Unload" } },
  module_activity: { uid: 1005, category: 1, caption: "Module Activity", activities: { 1: "Load", 2: "Unload", 3: "Invoke" } },
  scheduled_job_activity: { uid: 1006, category: 1, caption: "Scheduled Job Activity", activities: { 1: "Create", 2: "Update", 3: "Delete", 4: "Enable", 5: "Disable", 6: "Start" } },
  process_activity: { uid: 1007, category: 1, caption: "Process Activity", activities: { 1: "Launch", 2: "Terminate", 3: "Open", 4: "Inject", 5: "Set User ID" } },
  event_log_activity: { uid: 1008, category: 1, caption: "Event Log Activity", activities: { 1: "Clear", 2: "Delete", 3: "Export", 4: "Archive", 5: "Rotate", 6: "Start", 7: "Stop", 8: "Restart", 9: "Enable", 10: "Disable" } },
  registry_key_activity: { uid: 201001, category: 1, caption: "Registry Key Activity", activities: { 1: "Create", 2: "Read", 3: "Modify", 4: "Delete", 5: "Rename", 6: "Set Security", 7: "Restore", 8: "Import", 9: "Export" } },
  registry_value_activity: { uid: 201002, category: 1, caption: "Registry Value Activity", activities: { 1: "Get", 2: "Set", 3: "Modify", 4: "Delete" } },
  windows_service_activity: { uid: 201004, category: 1, caption: "Windows Service Activity", activities: { 1: "Create", 2: "Reconfigure", 3: "Start", 4: "Stop", 5: "Pause", 6: "Continue", 7: "Delete" } },
  vulnerability_finding: { uid: 2002, category: 2, caption: "Vulnerability Finding", activities: { 1: "Create", 2: "Update", 3: "Close" } },
  detection_finding: { uid: 2004, category: 2, caption: "Detection Finding", activities: { 1: "Create", 2: "Update", 3: "Close" } },
  account_change: { uid: 3001, category: 3, caption: "Account Change", activities: { 1: "Create", 2: "Enable", 3: "Password Change", 4: "Password Reset", 5: "Disable", 6: "Delete", 7: "Attach Policy", 8: "Detach Policy", 9: "Lock", 10: "MFA Factor Enable", 11: "MFA Factor Disable", 12: "Unlock" } },
  authentication: { uid: 3002, category: 3, caption: "Authentication", activities: { 1: "Logon", 2: "Logoff", 3: "Authentication Ticket", 4: "Service Ticket Request", 5: "Service Ticket Renew", 6: "Preauth", 7: "Account Switch" } },
  entity_management: { uid: 3004, category: 3, caption: "Entity Management", activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Move", 6: "Enroll", 7: "Unenroll", 8: "Enable", 9: "Disable", 10: "Activate", 11: "Deactivate", 12: "Suspend", 13: "Resume" } },
  user_access: { uid: 3005, category: 3, caption: "User Access Management", activities: { 1: "Assign Privileges", 2: "Revoke Privileges" } },
  group_management: { uid: 3006, category: 3, caption: "Group Management", activities: { 1: "Assign Privileges", 2: "Revoke Privileges", 3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create", 7: "Add Subgroup", 8: "Remove Subgroup" } },
  network_activity: { uid: 4001, category: 4, caption: "Network Activity", activities: { 1: "Open", 2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic", 7: "Listen" } },
  http_activity: { uid: 4002, category: 4, caption: "HTTP Activity", activities: { 1: "Connect", 2: "Delete", 3: "Get", 4: "Head", 5: "Options", 6: "Post", 7: "Put", 8: "Trace", 9: "Patch" } },
  dns_activity: { uid: 4003, category: 4, caption: "DNS Activity", activities: { 1: "Query", 2: "Response", 6: "Traffic" } },
  dhcp_activity: { uid: 4004, category: 4, caption: "DHCP Activity", activities: { 1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "Ack", 6: "Nak", 7: "Release", 8: "Inform", 9: "Expire" } },
  rdp_activity: { uid: 4005, category: 4, caption: "RDP Activity", activities: { 1: "Initial Request", 2: "Initial Response", 3: "Connect Request", 4: "Connect Response", 5: "TLS Handshake", 6: "Traffic", 7: "Disconnect", 8: "Reconnect" } },
  smb_activity: { uid: 4006, category: 4, caption: "SMB Activity", activities: { 1: "File Supersede", 2: "File Open", 3: "File Create", 4: "File Open If", 5: "File Overwrite", 6: "File Overwrite If" } },
  ssh_activity: { uid: 4007, category: 4, caption: "SSH Activity", activities: { 1: "Open", 2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic", 7: "Listen" } },
  ftp_activity: { uid: 4008, category: 4, caption: "FTP Activity", activities: { 1: "Put", 2: "Get", 3: "Poll", 4: "Delete", 5: "Rename", 6: "List" } },
  email_activity: { uid: 4009, category: 4, caption: "Email Activity", activities: { 1: "Send", 2: "Receive", 3: "Scan", 4: "Trace", 5: "MTA Relay" } },
  network_file_activity: { uid: 4010, category: 4, caption: "Network File Activity", activities: { 1: "Upload", 2: "Download", 3: "Update", 4: "Delete", 5: "Rename", 6: "Copy", 7: "Move", 8: "Restore", 9: "Preview", 10: "Lock", 11: "Unlock", 12: "Share", 13: "Unshare", 14: "Open", 15: "Sync", 16: "Unsync" } },
  tunnel_activity: { uid: 4014, category: 4, caption: "Tunnel Activity", activities: { 1: "Open", 2: "Close", 3: "Renew" } },
  inventory_info: { uid: 5001, category: 5, caption: "Device Inventory Info", activities: { 1: "Log", 2: "Collect" } },
  device_config_state_change: { uid: 5019, category: 5, caption: "Device Config State Change", activities: { 1: "Log", 2: "Collect" } },
  osint_inventory_info: { uid: 5021, category: 5, caption: "OSINT Inventory Info", activities: { 1: "Log", 2: "Collect" } },
  application_lifecycle: { uid: 6002, category: 6, caption: "Application Lifecycle", activities: { 1: "Install", 2: "Remove", 3: "Start", 4: "Stop", 5: "Restart", 6: "Enable", 7: "Disable", 8: "Update" } },
  api_activity: { uid: 6003, category: 6, caption: "API Activity", activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete" } },
  datastore_activity: { uid: 6005, category: 6, caption: "Datastore Activity", activities: { 1: "Read", 2: "Update", 3: "Connect", 4: "Query", 5: "Write", 6: "Create", 7: "Delete", 8: "List", 9: "Encrypt", 10: "Decrypt" } },
  file_hosting: { uid: 6006, category: 6, caption: "File Hosting Activity", activities: { 1: "Upload", 2: "Download", 3: "Update", 4: "Delete", 5: "Rename", 6: "Copy", 7: "Move", 8: "Restore", 9: "Preview", 10: "Lock", 11: "Unlock", 12: "Share", 13: "Unshare", 14: "Open", 15: "Sync", 16: "Unsync", 17: "Access Check" } },
  application_error: { uid: 6008, category: 6, caption: "Application Error", activities: { 1: "General Error", 2: "Translation Error" } },
} as const satisfies Readonly<Record<string, ClassDefinition>>;

export type ClassName = keyof typeof CLASSES;

/** What an activity is called; the two that every class has included. */
export function activityCaption(name: ClassName, activity: number): string {
  const { activities }: ClassDefinition = CLASSES[name];
  return activities[activity] ?? (activity === 99 ? "Other" : "Unknown");
}
