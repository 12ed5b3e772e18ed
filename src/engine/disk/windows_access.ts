// The owner of a folder on Windows and the accounts with access to it, from its security descriptor in SDDL, a text
// form that does not depend on the system's language ([MS-DTYP] 2.5.1). Parsing is pure.

import type { FolderAccess } from "../ports.ts";
import { platform } from "./platform.ts";

/** Accounts that can read everything in any case: the system and the administrators. */
const TRUSTED = new Set(["SY", "BA", "S-1-5-18", "S-1-5-32-544"]);
/** Entry types that grant access; others deny or audit. */
const GRANTS = /^(A|XA|OA|ZA)$/;

export type WindowsAccess = Pick<FolderAccess, "isOwn" | "isClosed">;

/**
 * Whether the owner in a security descriptor is the user with this SID, or the administrators, who own what their
 * members create; and whether the access list grants access only to trusted accounts. Both are false for a descriptor
 * that cannot be parsed.
 */
export function accessOf(sddl: string, ownSid: string): WindowsAccess {
  const owner = /^O:(S-[0-9-]+|[A-Z]{2})/.exec(sddl)?.[1];
  const list = /D:((?:NO_ACCESS_CONTROL|[A-Z])*)((?:\([^()]*\))*)/.exec(sddl);
  // Without a list everyone has access.
  if (owner === undefined || list === null || list[1].includes("NO_ACCESS_CONTROL")) {
    return { isOwn: false, isClosed: false };
  }
  const isTrusted = (sid: string): boolean => sid === ownSid || TRUSTED.has(sid);
  const entries = [...list[2].matchAll(/\(([^()]*)\)/g)].map(([, entry]) => entry.split(";"));
  const isClosed = entries.every(([type, flags = "", , , , sid = ""]) =>
    // Entries that new files inherit from CREATOR OWNER (CO) apply to the user who creates them.
    !GRANTS.test(type) || isTrusted(sid) || (sid === "CO" && flags.includes("IO"))
  );
  return { isOwn: owner === ownSid || owner === "BA" || owner === "S-1-5-32-544", isClosed };
}

const UNKNOWN = { isOwn: false, isClosed: false, isKnown: false };
/** A PowerShell script. The path in it is the Base64 of its UTF-16, which needs no quoting. */
const SCRIPT_OF = (path: string): string =>
  `$path = [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('${utf16Base64(path)}')); ` +
  "[Console]::Out.Write((Get-Acl -LiteralPath $path).Sddl + '|' + " +
  "[Security.Principal.WindowsIdentity]::GetCurrent().User.Value)";

/** The access of a folder, queried from the system. If that fails, it is neither own nor closed. */
export async function windowsAccess(path: string): Promise<Omit<FolderAccess, "status">> {
  const args = ["-NoProfile", "-NonInteractive", "-Command", SCRIPT_OF(path)];
  const output = await platform.outputOf("powershell.exe", args);
  const [sddl = "", sid = ""] = (output ?? "").trim().split("|");
  return sddl === "" ? UNKNOWN : { ...accessOf(sddl, sid), isKnown: true };
}

function utf16Base64(text: string): string {
  let bytes = "";
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    bytes += String.fromCharCode(unit & 0xff, unit >> 8);
  }
  return btoa(bytes);
}
