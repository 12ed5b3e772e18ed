// German: the sentences that terminal and page share.

import type { CommonWords } from "./catalogue.ts";

export const de: CommonWords = {
  counts: {
    files: { one: "{count} Datei", other: "{count} Dateien" },
    folders: { one: "{count} Ordner", other: "{count} Ordnern" },
    moreNames: { one: "{title} und {count} weitere", other: "{title} und {count} weitere" },
  },
  skips: {
    symlink: "symbolischer Link aus dem Ordner hinaus",
    symlink_broken: "symbolischer Link ins Leere",
    symlink_to_folder: "symbolischer Link auf einen Ordner",
    special_file: "keine gewöhnliche Datei",
    unreadable: "nicht lesbar",
    size_unknown: "eine Datei unbekannter Größe",
    name_not_portable: "ein Name, den andere Systeme nicht haben können",
    name_not_unicode: "ein Name, der nicht UTF-8 ist",
    name_too_long: "ein Pfad, der zum Senden zu lang ist",
    too_deep: "zu viele ineinander liegende Ordner",
    empty_folder: "leerer Ordner",
    unfinished_download: "unvollendeter Empfang",
    excluded: "ausgeschlossen",
    already_there: "schon da",
    kept_existing: "Vorhandenes behalten",
  },
  waits: {
    connecting: "Verbindung zum Absender",
    relay: "Wartet auf ein Relais",
    sender: "Der Absender ist noch nicht da; neuer Versuch",
    reconnecting: "Die Verbindung ist weg; neuer Versuch",
  },
  withoutRelay: {
    address:
      "Kein Relais war erreichbar. Das Ticket nennt die Adresse {addresses} dieses Computers: Es gilt dort, wo sie erreichbar ist, meist nur im selben Netz.",
    addresses:
      "Kein Relais war erreichbar. Das Ticket nennt die Adressen {addresses} dieses Computers: Es gilt dort, wo eine davon erreichbar ist, meist nur im selben Netz.",
    none:
      "Kein Relais war erreichbar, und dieser Computer hat keine Netzadresse: Das Ticket gilt nur auf diesem Computer.",
  },
  stalls: {
    receiving: "Seit {time} ist nichts angekommen",
    sending: "Seit {time} wurde nichts abgeholt",
  },
  refusals: {
    held: "Empfänger {id} wurde abgewiesen: Das Ticket gilt für einen Empfänger, und {holder} hat es.",
    ended: "Empfänger {id} wurde abgewiesen: Das Ticket ist schon eingelöst.",
  },
  ticketFaults: {
    prefix: "der Text enthält kein Ticket, das mit blob beginnt",
    too_long: "es ist zu lang",
    cut_short: "es ist abgeschnitten: sein Ende fehlt",
    base32: "es hat unmögliche Zeichen, oder es fehlen welche",
    content: "es ist beschädigt oder von unbekannter Art",
    relay_url: "sein Relais ist keine URL",
  },
  nameFaults: {
    empty: "er ist leer",
    absolute: "er führt aus dem Ordner hinaus",
    backslash: "er hat einen Rückschrägstrich",
    dot_part: "er hat . oder .. als Teil",
    empty_part: "er hat einen leeren Teil",
    nul: "er hat ein NUL-Zeichen",
    not_unicode: "er ist kein gültiges Unicode",
    part_too_long: "ein Teil ist zu lang",
    path_too_long: "er ist zu lang",
    too_deep: "er hat zu viele ineinander liegende Ordner",
    duplicate: "er kommt zweimal vor",
    file_and_folder: "er ist Datei und Ordner zugleich",
  },
  missingPath: "nicht vorhanden",
  pathWithReason: "{path} ({reason})",
  others: {
    all: "Ebenso: {others}.",
    first: "Ebenso: {others} und {count} weitere.",
  },
  someFile: "einer der Dateien",
  errors: {
    ticket_malformed: "Dieses Ticket ist nicht lesbar: {fault}.",
    relay_url_invalid: "{url} ist nicht die URL eines Relais.",
    relay_needed: "Das Ticket führt über ein Relais, und Relais sind hier abgeschaltet.",
    relay_url_ipv6: "iroh erreicht kein Relais an einer IPv6-Adresse über TLS: {url}.",
    qlog_unsupported:
      "Nur die eigene Netzanbindung von pli kann qlog-Dateien schreiben (QLOGDIR); in Gebrauch ist die übliche.",
    trust_unsupported:
      "Nur die eigene Netzanbindung von pli kann weiteren Zertifikaten vertrauen; in Gebrauch ist die übliche.",
    secret_invalid: "IROH_SECRET enthält keinen geheimen Schlüssel.",
    binding_missing: "Der Netzteil von pli lässt sich auf diesem System nicht laden ({system}).",
    addon_outdated: "Das native Add-on von pli hat den Stand {found}; dieses pli braucht den Stand {needed}.",
    binding_unknown: "PLI_BINDING ist {binding}; das hat pli nicht.",
    bind_failed: "Die Netzadresse {address} ist nicht verwendbar.",
    path_missing: "Es gibt keine Datei und keinen Ordner {path}.",
    source_denied: "Das System lässt pli {path} nicht lesen.",
    source_unsendable: "{path} kann nicht gesendet werden: {reason}.",
    nothing_to_send: "Hier ist nichts, was gesendet werden kann.",
    source_changed: "{name} wurde geändert oder entfernt, nachdem das Ticket erstellt war.",
    share_too_large: "{files} Dateien sind zu viele für ein Ticket.",
    too_many_folders:
      "{folders} Ordner sind zu viele für so wenige Dateien: ein Ticket hat dann höchstens {maximum}.",
    peer_unreachable: "Der Absender war nicht zu erreichen.",
    connection_lost: "Die Verbindung riss ab, bevor alles da war.",
    stream_reset: "Die andere Seite hat den Datenstrom abgebrochen.",
    peer_refused:
      "Der Absender bietet dies nicht oder nicht mehr an; oder das Ticket wurde beim Kopieren verändert.",
    source_lost: "Der Absender kann mit {name} nicht fortfahren: Es fehlt dort oder wurde geändert.",
    wrong_bytes: "Der Absender lieferte falsche Bytes.",
    message_malformed: "Die andere Seite sandte eine fehlerhafte Nachricht ({what}).",
    limit_exceeded: "Die andere Seite sandte mehr, als pli annimmt ({what}: {maximum}).",
    name_refused: "Der Name {name} wird abgelehnt: {fault}.",
    declined: "Nicht empfangen, wie Sie es wollten.",
    not_one_file: "Die Standardausgabe nimmt eine Datei; dieses Ticket enthält {files}.",
    destination_busy: "Ein anderes pli empfängt dies schon in {path}.",
    disk_full: "Der Datenträger ist voll: {path} konnte nicht geschrieben werden.",
    disk_read_only: "{path} liegt auf einem schreibgeschützten Datenträger.",
    disk_denied: "Das System lässt pli {path} nicht benutzen.",
    path_not_unicode: "{path} führt zu einem Namen, der nicht UTF-8 ist.",
    disk_failed: "Der Datenträger versagte bei {path}.",
    disk_other_volume: "{path} liegt auf einem anderen Datenträger als der Rest.",
    disk_file_too_large: "{path} ist größer, als eine Datei dort sein kann.",
    disk_file_limit: "{path} ist größer, als die Grenze für die Größe von Dateien erlaubt (ulimit -f).",
    disk_name_invalid: "Der Datenträger lässt keine Datei und keinen Ordner mit dem Namen {path} zu.",
    disk_gone: "Der Datenträger mit {path} ist nicht mehr da.",
    disk_in_use: "Ein anderes Programm hat {path} geöffnet.",
    too_many_open_files: "{path} konnte nicht geöffnet werden: Es sind zu viele Dateien offen.",
    destination_changed: "Ein anderes Programm hat {path} während des Empfangs verändert.",
    destination_not_folder: "{path} ist kein Ordner.",
    destination_gone:
      "{path} ist nicht mehr da: Der Ordner wurde während des Empfangs verschoben oder gelöscht.",
    cancelled: "Abgebrochen.",
    internal: "Interner Fehler ({what}).",
    home_unknown: "pli weiß nicht, wo es seine Daten ablegen soll.",
    home_denied: "Das System lässt pli seine eigenen Daten in {path} nicht benutzen.",
    home_read_only: "{path} kann gelesen, aber nicht geändert werden.",
    home_full: "Der Datenträger ist voll: pli konnte seine Daten in {path} nicht schreiben.",
    home_file_too_large:
      "Eine Datei von plis eigenen Daten ist größer, als eine Datei dort sein darf: {path}.",
    home_unusable: "pli kann seine Daten nicht in {path} ablegen.",
    home_foreign: "{path} gehört einem anderen Benutzer dieses Rechners.",
    home_shared: "Andere Benutzer dieses Rechners können in {path} schreiben.",
  },
  notices: {
    shared_elsewhere: "Dieselben Pfade werden schon gesendet. Diese Freigabe hat ein eigenes Ticket.",
    code_reused:
      "Ein Code, der die Seite von pli öffnet, wurde zweimal benutzt: Vielleicht kennt ihn ein anderes Programm. Alle offenen Seiten wurden geschlossen; starten Sie pli noch einmal, um sie zu öffnen. Beenden Sie, was Sie nicht begonnen haben.",
    code_guessed:
      "Auf der Seite von pli wurden zu viele falsche Codes eingegeben; ihre Codes gelten nicht mehr. Starten Sie pli noch einmal, um einen neuen zu bekommen.",
    user_refused:
      "Ein anderer Benutzer dieses Rechners (Benutzernummer {uid}) hat versucht, die Seite von pli zu öffnen, und wurde abgewiesen.",
    file_set_aside:
      "{path} ist nicht lesbar. Die Datei bleibt als {kept} erhalten, und pli beginnt eine neue.",
    history_newer:
      "{path} stammt von einer neueren Version von pli. Die Datei bleibt, wie sie ist, und diese Version führt keinen Verlauf.",
    history_unavailable: "{path} ist nicht verwendbar; in diesem Lauf wird kein Verlauf geführt.",
    entries_unreadable: {
      one: "{count} Eintrag des Verlaufs ist nicht lesbar und wird ausgelassen.",
      other: "{count} Einträge des Verlaufs sind nicht lesbar und werden ausgelassen.",
    },
    shares_unreadable: {
      one: "{count} Freigabe des letzten Laufs ist nicht lesbar und wird nicht fortgesetzt.",
      other: "{count} Freigaben des letzten Laufs sind nicht lesbar und werden nicht fortgesetzt.",
    },
    download_gone:
      "Der Download von {transfer} nach {folder} steht nicht mehr in der Liste: Ein anderes pli hat ihn beendet oder verworfen.",
    settings_invalid:
      "{path} enthält Werte, die pli nicht verwenden kann ({names}); stattdessen gelten die üblichen.",
    nothing_remembered:
      "{reason} Von diesem Lauf merkt sich pli daher nichts: pli resume und pli history führen ihn nicht auf.",
    binding_slow:
      "Der schnelle Netzteil von pli ist für dieses System nicht vorhanden, daher schafft eine Übertragung höchstens etwa 8 MB/s. So wird er gebaut, mit Rust: npm run native.",
  },
  advice: {
    ownFolder:
      "Setzen Sie PLI_HOME auf einen Ordner, in den nur Sie schreiben können; gibt es ihn nicht, legt pli ihn an.",
    newTicket: "Bitten Sie den Absender um ein neues Ticket.",
    sendAgain: "Bitten Sie den Absender, es erneut zu senden.",
    anotherTicket:
      "Für eine weitere Person erstellen Sie ein weiteres Ticket, mit pli send --new oder auf der Seite; --keep erstellt eines für mehrere.",
    leaveAlone:
      "Kein falsches Byte ging hinaus. Senden Sie erneut und lassen Sie die Dateien bis zur Zustellung in Ruhe.",
    copyTicket: "Kopieren Sie das ganze Ticket noch einmal, von blob bis zu seinem Ende.",
    reinstall: "Installieren Sie pli neu.",
    rebuildAddon: "Bauen Sie das Add-on neu: npm run native.",
    report: "Das sollte nicht vorkommen. Bitte melden Sie es.",
    parts: "Senden Sie es in mehreren Teilen.",
    attack: "Nichts wurde geschrieben. So ein Name kann ein Angriff sein: Fragen Sie, von wem er kommt.",
    home: "Prüfen Sie, ob der Ordner von pli Ihnen gehört und beschreibbar ist, oder setzen Sie PLI_HOME.",
    renameIt: "Solche Namen kann pli nicht verwenden. Benennen Sie das Ziel um.",
    withoutIt: "Senden Sie das Übrige ohne diesen Pfad.",
    regular: "Nur gewöhnliche Dateien werden gesendet, keine Links oder Geräte.",
    connectDisk: "Schließen Sie den Datenträger wieder an, oder wählen Sie einen anderen Ordner.",
    fewerOpen: "Schließen Sie andere Programme, oder erlauben Sie mehr offene Dateien (ulimit -n).",
    raiseFileLimit: "Starten Sie pli mit einer höheren Grenze: ulimit -f unlimited.",
  },
};
