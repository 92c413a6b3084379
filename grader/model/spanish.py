"""The Spanish of the spec language: every word of it by the word that the tables have. The one table there is.

    puntos: 5                      points: 5
    clientes: ana, beto            clients: ana, beto
    juego: |                       play: |
      ana (se cae)                   ana (crashes)
      beto (nada)                    beto (nothing)

Both languages may stand in one spec. Case and accents do not matter in keys and acts, so `título` and `titulo` are the same.
A word that is missing here can still be written in English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

KEYS: Mapping[str, str] = {
    "titulo": "title", "idioma": "language", "extiende": "extends", "incluye": "include", "servidor": "server",
    "servidores": "servers", "referencia": "reference", "protocolo": "protocol", "dialecto": "dialect", "palabras": "words",
    "tipos": "types", "mensajes": "messages", "clientes": "clients", "silencio": "quiet", "inestable": "unsteady",
    "limites": "limits", "exige": "demands", "exigencia": "demand", "por_omision": "defaults", "grupos": "groups", "a_mano": "manual", "etapas": "milestones",
    "comprobacion": "proof", "pruebas": "checks", "identificador": "id", "puntos": "points", "descuento": "penalty", "tramos": "tiers",
    "adicional": "bonus", "eliminatoria": "gate", "grupo": "group", "cada": "each", "requisito": "requirement", "porque": "why",
    "por_que": "why", "pista": "hint", "concepto": "concept", "necesita": "needs", "ley": "law", "carrera": "race", "intentos": "attempts",
    "juego": "play", "funcion": "python", "usa": "use", "con": "with", "sobras": "leftovers", "ignora": "ignore", "oculta": "hidden",
    "igual_que_la_referencia": "same_as_reference", "ejecuta": "run", "compila": "build", "carpeta": "folder", "codificacion": "encoding",
    "cuerpo": "body", "orden": "order", "bienvenida": "welcome", "entro": "joined", "se_oye": "heard", "salio": "left",
    "tambien": "also", "comandos": "commands", "cualquiera": "any", "entrada": "join", "horizonte": "horizon", "buenos": "good",
    "malos": "bad", "pierde": "loses", "entramado": "framing", "corrida": "run", "entorno": "env", "archivos": "files",
    "puerto": "port", "anfitrion": "host", "entrada_estandar": "stdin", "arranque_propio": "own_start", "vida": "life", "transporte": "transport", "respuestas": "replies", "del_curso": "course", "actuado_por": "played_by", "repeticiones": "repeats", "confirma": "acknowledge", "transporta": "carries", "linea_maxima": "max_line", "certificado": "certificate", "memoria": "memory", "procesos": "processes", "programa": "program", "escucha": "listens", "programas": "programs", "cliente": "client",
    "pregunta": "asked", "saludo": "hello", "dice": "say", "eco": "echo", "nombra": "names", "anuncia": "announces",
    "despedida": "goodbye", "cuentas": "logins",
}  # fmt: skip
"""Keys, without accents and with _ for a space."""

VALUES: Mapping[str, str] = {
    "permitidas": "allowed", "permitidos": "allowed", "parte": "share", "nada": "nothing", "todo": "everything",
    "servidor": "server", "cliente": "client", "anfitrion": "host", "puerto": "port", "hilo": "thread",
    "eco": "echo", "un-aviso": "one-notice", "antes-de-la-bienvenida": "before-welcome", "una-bienvenida": "one-welcome",
    "comandos": "commands", "fin-de-linea": "line-end", "perdidos": "lost", "duplicados": "doubled", "rotos": "torn",
    "inventados": "invented", "orden": "order", "orden-total": "total-order", "una-sola-vez": "sent-once", "multitud": "crowd", "texto": "text", "prueba": "check", "entrega": "submission", "descubre": "discover", "nadie": "nobody",
}  # fmt: skip
"""Values where one of several words is possible."""

ACTS: Mapping[str, str] = {
    "se conecta": "connects", "entra": "joins", "sale": "leaves", "cierra a medias": "half-closes", "se cae": "crashes",
    "se congela": "freezes", "se descongela": "thaws", "queda desconectado": "is disconnected", "queda desconectada": "is disconnected", "acepta": "accepts",
    "sigue conectado": "still connected", "sigue conectada": "still connected", "nada": "nothing", "salta hasta": "skips to",
    "escucha": "listens", "sigue en pie": "is running", "queda limpio": "is tidy", "recibe": "gets", "se detiene": "stops",
    "arranca": "starts", "se reinicia": "restarts", "espera": "waits", "imprime": "prints", "pierde": "loses", "duplica": "doubles", "intercambia": "swaps", "termina": "exits",
    "salta el resto": "skips the rest", "confirma": "acknowledges", "no confirma": "does not acknowledge",
}  # fmt: skip
"""Acts of clients and of the server."""

GROUPS: Mapping[str, str] = {"juntos:": "together:", "en cualquier orden:": "any order:"}
ACTORS: Mapping[str, str] = {"servidor": "server", "yo": "me", "todos": "all"}
ENDINGS: Mapping[str, str] = {"veces": "times", "dentro de": "within"}
FLAGS: Mapping[str, bool] = {"si": True, "verdadero": True, "falso": False}
PLACEHOLDERS: Mapping[str, str] = {
    "largo": "long", "archivo": "file", "numero": "number", "conjunto": "set", "no": "not", "al azar": "random", "valor": "value",
}  # fmt: skip
"""Placeholders that have something after their first word, such as `<largo 5000>`."""

PORT_OF = "puerto-de-"
"""What the placeholder of somebody's port begins with, as in `<puerto-de-ana>`."""

_NUMBERED = re.compile(rf"({'|'.join(PLACEHOLDERS)}) +(.+)", re.DOTALL)


def fold(word: str) -> str:
    """A word without accents, in small letters."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def key(word: str) -> str:
    """A key as the tables have it; one that is not in the table as it was written."""
    return KEYS.get(fold(word[:40]).replace(" ", "_"), word)


def act(said: str) -> str:
    """An act with what follows it, its first words in English."""
    folded = fold(said)
    if len(folded) != len(said):
        return said
    found = max((x for x in ACTS if folded == x or folded.startswith(f"{x} ")), key=len, default="")
    return ACTS[found] + said[len(found) :] if found else said


def placeholder(inner: str) -> str:
    """What stands between < and >, its first word in English."""
    if inner.startswith(PORT_OF):
        return f"port-of-{inner[len(PORT_OF) :]}"
    head = fold(inner[:12])
    found = _NUMBERED.match(head + inner[12:]) if len(head) == len(inner[:12]) else None
    return f"{PLACEHOLDERS[found[1]]} {inner[found.start(2) :]}" if found else inner


def of(words: Iterable[str], table: Mapping[str, str]) -> list[str]:
    """What words of the language are in Spanish: among these, too, the nearest one to a mistake is looked for."""
    known = set(words)
    return [spanish for spanish, english in table.items() if english in known]
