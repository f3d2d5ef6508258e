import type { FieldTable, LogsourceRow } from "./rows.ts";

function onChannel(service: string, channels: readonly string[], fields?: FieldTable): LogsourceRow {
  const when = [{ channel: channels.map((name) => name.toLowerCase()) }];
  return { product: "windows", service, when, ...(fields === undefined ? {} : { fields }) };
}

/** Defender's names of its EventData, by Microsoft's documentation. Rules write them without the spaces. */
const DEFENDER_NAMES: readonly string[] = [
  "Action ID",
  "Action Name",
  "Additional Actions ID",
  "Additional Actions String",
  "Category ID",
  "Category Name",
  "Detection ID",
  "Detection Time",
  "Detection User",
  "Engine Version",
  "Error Code",
  "Error Description",
  "Execution ID",
  "Execution Name",
  "Involved File",
  "New Value",
  "Old Value",
  "Origin ID",
  "Origin Name",
  "Parent Commandline",
  "Process Name",
  "Product Name",
  "Product Version",
  "Remediation User",
  "Severity ID",
  "Severity Name",
  "Source ID",
  "Source Name",
  "Status Code",
  "Status Description",
  "Target Commandline",
  "Threat ID",
  "Threat Name",
  "Type ID",
  "Type Name",
];

const DEFENDER_FIELDS: FieldTable = Object.fromEntries(
  DEFENDER_NAMES.map((name) => {
    const written = name.replaceAll(" ", "");
    return [written, [`winlog.event_data.${written}`, `winlog.event_data.${name}`]];
  }),
);

/** Services are event channels; Microsoft documents the names. */
export const SERVICES: readonly LogsourceRow[] = [
  onChannel("sysmon", ["Microsoft-Windows-Sysmon/Operational"]),
  onChannel("security", ["Security"]),
  onChannel("system", ["System"]),
  onChannel("application", ["Application"]),
  onChannel("powershell", ["Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"]),
  onChannel("powershell-classic", ["Windows PowerShell"]),
  onChannel("ntlm", ["Microsoft-Windows-NTLM/Operational"]),
  onChannel("taskscheduler", ["Microsoft-Windows-TaskScheduler/Operational"]),
  onChannel("wmi", ["Microsoft-Windows-WMI-Activity/Operational"]),
  onChannel("dhcp", ["Microsoft-Windows-DHCP-Server/Operational"]),
  onChannel("dns-server", ["DNS Server"]),
  onChannel("dns-server-analytic", ["Microsoft-Windows-DNS-Server/Analytical"]),
  onChannel("dns-client", ["Microsoft-Windows-DNS Client Events/Operational"]),
  onChannel("driver-framework", ["Microsoft-Windows-DriverFrameworks-UserMode/Operational"]),
  onChannel("printservice-admin", ["Microsoft-Windows-PrintService/Admin"]),
  onChannel("printservice-operational", ["Microsoft-Windows-PrintService/Operational"]),
  onChannel("smbclient-security", ["Microsoft-Windows-SmbClient/Security"]),
  onChannel("smbclient-connectivity", ["Microsoft-Windows-SmbClient/Connectivity"]),
  onChannel("smbserver-connectivity", ["Microsoft-Windows-SMBServer/Connectivity"]),
  onChannel("terminalservices-localsessionmanager", [
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
  ]),
  onChannel("codeintegrity-operational", ["Microsoft-Windows-CodeIntegrity/Operational"]),
  onChannel("applocker", [
    "Microsoft-Windows-AppLocker/MSI and Script",
    "Microsoft-Windows-AppLocker/EXE and DLL",
    "Microsoft-Windows-AppLocker/Packaged app-Deployment",
    "Microsoft-Windows-AppLocker/Packaged app-Execution",
  ]),
  onChannel("msexchange-management", ["MSExchange Management"]),
  onChannel("windefend", ["Microsoft-Windows-Windows Defender/Operational"], DEFENDER_FIELDS),
  onChannel("firewall-as", ["Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"]),
  onChannel("bits-client", ["Microsoft-Windows-Bits-Client/Operational"]),
  onChannel("security-mitigations", [
    "Microsoft-Windows-Security-Mitigations/Kernel Mode",
    "Microsoft-Windows-Security-Mitigations/User Mode",
  ]),
  onChannel("diagnosis-scripted", ["Microsoft-Windows-Diagnosis-Scripted/Operational"]),
  onChannel("shell-core", ["Microsoft-Windows-Shell-Core/Operational"]),
  onChannel("openssh", ["OpenSSH/Operational"]),
  onChannel("ldap", ["Microsoft-Windows-LDAP-Client/Debug"]),
  onChannel("bitlocker", ["Microsoft-Windows-BitLocker/BitLocker Management"]),
  onChannel("vhdmp", ["Microsoft-Windows-VHDMP/Operational"]),
  onChannel("appxdeployment-server", ["Microsoft-Windows-AppXDeploymentServer/Operational"]),
  onChannel("lsa-server", ["Microsoft-Windows-LSA/Operational"]),
  onChannel("appxpackaging-om", ["Microsoft-Windows-AppxPackaging/Operational"]),
  onChannel("appmodel-runtime", ["Microsoft-Windows-AppModel-Runtime/Admin"]),
  onChannel("capi2", ["Microsoft-Windows-CAPI2/Operational"]),
  onChannel("certificateservicesclient-lifecycle-system", [
    "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
  ]),
  onChannel("kernel-shimengine", [
    "Microsoft-Windows-Kernel-ShimEngine/Operational",
    "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
  ]),
  onChannel("application-experience", [
    "Microsoft-Windows-Application-Experience/Program-Telemetry",
    "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
  ]),
  onChannel("ntfs", ["Microsoft-Windows-Ntfs/Operational"]),
  onChannel("hyper-v-worker", ["Microsoft-Windows-Hyper-V-Worker"]),
  onChannel("kernel-event-tracing", ["Microsoft-Windows-Kernel-EventTracing"]),
  onChannel("sense", ["Microsoft-Windows-SENSE/Operational"]),
  onChannel("servicebus-client", [
    "Microsoft-ServiceBus-Client/Admin",
    "Microsoft-ServiceBus-Client/Operational",
  ]),
  onChannel("microsoft-servicebus-client", [
    "Microsoft-ServiceBus-Client/Admin",
    "Microsoft-ServiceBus-Client/Operational",
  ]),
  onChannel("iis-configuration", ["Microsoft-IIS-Configuration/Operational"]),
];
