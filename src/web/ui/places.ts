// The state of the folder dialog: the present listing, and navigation.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure, FolderListing } from "../contract.ts";
import { api, failureOf } from "./api.ts";

export interface Walk {
  listing: FolderListing | null;
  failure: Failure | null;
  go: (path: string | null) => void;
}

/** Begins at a path; null for the server's default. */
export function useFolders(start: string | null): Walk {
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const latest = useRef(0);
  const go = async (path: string | null) => {
    const request = ++latest.current;
    try {
      const found = await api.folders(path);
      if (request !== latest.current) return;
      setListing(found);
      setFailure(null);
    } catch (error) {
      if (request === latest.current) setFailure(failureOf(error));
    }
  };
  useEffect(() => void go(start), []);
  return { listing, failure, go: (path) => void go(path) };
}
