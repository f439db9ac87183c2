// @ts-check
"use strict"
// Saves a copy of the open workbook, lets the installed program look at it, and applies its answer: the same rows that the
// macros of Excel apply. WPS goes on while the program works, so the workbook is compared with what was copied before
// anything is written.

/**
 * One thing to do, as in workbook_tools/ribbon/macro_calls.py. A number is written with its digits.
 * @typedef {{kind: string, sheet: string, cell: string, text?: string, number?: string}} SE_Row
 */
/** The formulas of a sheet as they were copied, and where its used range began.
 * @typedef {{row: number, column: number, formulas: unknown[][]}} SE_Seen */

const SE_AGAIN = "--yes"
const SE_NEW = "自评表.xlsx" // what the program makes for a new form
const SE_POLL = 200 // milliseconds
const SE_STARTED_IN = 20000
const SE_STARTED_IN_IF_MISSING = 5000 // of a program that cannot be seen, which need not be missing
const SE_LONGEST = 120000
const SE_LONGEST_SEND = 600000 // a mail server takes its time
const SE_MOST_ROWS = 5000
const SE_MOST_COLUMNS = 200
const SE_MOST_NAMED = 6

let SE_working = false
/** What stands in the ribbon. @type {Record<string, string>} */
const SE_known = { about: "", grade: "", findings: "" }

/** An action of the program, from the click to the last message. @param {string} action @param {string} detail */
async function SE_Run(action, detail) {
    if (SE_working) return SE_Say(SE_Text("busy"))
    const book = SE_Book()
    if (action !== "new" && !book) return SE_Say(SE_Text("no_book"))
    if (!SE_SETTINGS.program) return SE_Say(SE_Text("no_command"))
    if (action === "fill" && book && book.ReadOnly && !SE_Ask(SE_Text("read_only"))) return
    SE_working = true
    try {
        let more = detail
        do {
            more = await SE_Once(action, more, action === "new" ? null : book)
        } while (more)
    } catch (fault) {
        SE_Say(SE_Text("failed") + SE_Reason(fault))
    } finally {
        SE_working = false
        SE_Status("")
        SE_Redraw()
    }
}

/** @param {unknown} fault @returns {string} */
function SE_Reason(fault) {
    return fault && typeof fault === "object" && "message" in fault ? String(fault.message) : String(fault)
}

/** One start of the program; gives what it is to be started with once more, "" for nothing.
 * @param {string} action @param {string} more @param {Et.Workbook | null} book @returns {Promise<string>} */
async function SE_Once(action, more, book) {
    const folder = SE_Folder()
    const name = book ? SE_CopyName(book.Name, book.Path !== "") : SE_NEW
    try {
        SE_Status(SE_Text("working"))
        const answer = SE_Native(`${folder}/answer.json`)
        const words = [action, ...(more ? [more] : []), `--answer=${answer}`]
        const seen = book ? SE_Look(book) : null
        if (book) {
            const copy = SE_Native(`${folder}/${name}`)
            book.SaveCopyAs(copy)
            if (!SE_Exists(copy)) return SE_Tell("no_copy")
            words.push(`--book=${copy}`, `--path=${book.FullName}`)
        }
        const request = SE_Native(`${folder}/request.json`)
        Application.FileSystem.WriteFile(request, SE_Ascii(words))
        SE_Start(request)
        const lacking = await SE_Answered(answer, SE_Native(`${folder}/request.started`), action === "send")
        SE_Status("")
        if (lacking) return SE_Tell(lacking, SE_SETTINGS.program)
        const rows = SE_Rows(Application.FileSystem.ReadFile(answer))
        return rows ? SE_Apply(rows, book, seen) : SE_Tell("damaged")
    } finally {
        SE_Sweep(folder, [name, "request.json", "request.started", "answer.json"])
    }
}

/** Says why there is nothing to apply. @param {string} name @param {string} [value] @returns {string} */
function SE_Tell(name, value) {
    SE_Status("")
    SE_Say(SE_Text(name, value))
    return ""
}

/** The name of the copy: a new book has no ending, and | stands for another character on the way.
 * @param {string} name @param {boolean} saved */
function SE_CopyName(name, saved) {
    const safe = name.replace(/[|\\/]/g, "_")
    return (saved && safe.includes(".")) || /\.(xls[xmb]?|ett?|ods)$/i.test(safe) ? safe : `${safe}.xlsx`
}

/** Waits for the answer, which appears whole; gives the name of the text that says why there is none, "" for one.
 * @param {string} answer @param {string} started @param {boolean} mail @returns {Promise<string>} */
async function SE_Answered(answer, started, mail) {
    const began = Date.now()
    const longest = mail ? SE_LONGEST_SEND : SE_LONGEST
    const there = SE_Exists(SE_SETTINGS.program)
    const patience = there ? SE_STARTED_IN : SE_STARTED_IN_IF_MISSING
    while (Date.now() - began < longest) {
        if (SE_Exists(answer)) return ""
        if (Date.now() - began > patience && !SE_Exists(started)) return there ? "not_started" : "no_program"
        await SE_Wait(SE_POLL)
    }
    return mail ? "no_answer_send" : "no_answer"
}

/** The rows of an answer; null where it is damaged. @param {string} data @returns {SE_Row[] | null} */
function SE_Rows(data) {
    try {
        const rows = JSON.parse(data)
        return Array.isArray(rows) && rows.every((row) => row && typeof row.kind === "string") ? rows : null
    } catch (damaged) {
        return null
    }
}

/** What a workbook holds now, by sheet. @param {Et.Workbook} book @returns {Record<string, SE_Seen>} */
function SE_Look(book) {
    /** @type {Record<string, SE_Seen>} */
    const seen = {}
    for (const sheet of SE_Sheets(book)) {
        const used = sheet.UsedRange
        const rows = Math.min(used.Rows.Count, SE_MOST_ROWS)
        const columns = Math.min(used.Columns.Count, SE_MOST_COLUMNS)
        seen[sheet.Name] = { row: used.Row, column: used.Column, formulas: SE_Formulas(sheet, used, rows, columns) }
    }
    return seen
}

/** The formulas of a part of a sheet: in one call where WPS gives rows of cells, else cell by cell.
 * @param {Et.Worksheet} sheet @param {Et.Range} from @param {number} rows @param {number} columns @returns {unknown[][]} */
function SE_Formulas(sheet, from, rows, columns) {
    const cell = (/** @type {number} */ row, /** @type {number} */ column) => SE_Column(from.Column + column) + (from.Row + row)
    const read = /** @type {unknown} */ (sheet.Range(`${cell(0, 0)}:${cell(rows - 1, columns - 1)}`).Formula)
    if (Array.isArray(read) && read.length === rows && Array.isArray(read[0])) return read
    const numbers = (/** @type {number} */ count) => [...Array(count).keys()]
    return numbers(rows).map((row) => numbers(columns).map((column) => sheet.Range(cell(row, column)).Formula))
}

/** The cells that differ from what was copied, named as far as a message holds them; "" for none.
 * @param {Et.Workbook} book @param {Record<string, SE_Seen>} before @returns {string} */
function SE_Changed(book, before) {
    const now = SE_Look(book)
    const named = Object.keys(before).filter((name) => !(name in now))
    for (const name of Object.keys(now)) {
        if (!before[name]) named.push(name)
        else for (const cell of SE_Differing(before[name], now[name])) named.push(cell)
    }
    return named.slice(0, SE_MOST_NAMED).join("、") + (named.length > SE_MOST_NAMED ? "……" : "")
}

/** @param {SE_Seen} before @param {SE_Seen} now @returns {string[]} */
function SE_Differing(before, now) {
    /** @param {SE_Seen} seen @param {number} row @param {number} column */
    const at = (seen, row, column) => {
        const line = seen.formulas[row - seen.row]
        const said = line === undefined ? "" : line[column - seen.column]
        return said === undefined || said === null ? "" : String(said)
    }
    const found = []
    const end = (/** @type {SE_Seen} */ seen) => [seen.row + seen.formulas.length, seen.column + seen.formulas[0].length]
    const [rows, columns] = [0, 1].map((side) => Math.max(end(before)[side], end(now)[side]))
    for (let row = Math.min(before.row, now.row); row < rows; row++) {
        for (let column = Math.min(before.column, now.column); column < columns; column++) {
            if (at(before, row, column) !== at(now, row, column)) found.push(SE_Column(column) + row)
        }
    }
    return found
}

/** The letters of a column. @param {number} number @returns {string} */
function SE_Column(number) {
    const before = Math.floor((number - 1) / 26)
    return (before ? SE_Column(before) : "") + String.fromCharCode(65 + ((number - 1) % 26))
}

/** Applies every row; gives what the program is to be started with once more, "" for nothing.
 * @param {SE_Row[]} rows @param {Et.Workbook | null} book @param {Record<string, SE_Seen> | null} seen @returns {string} */
function SE_Apply(rows, book, seen) {
    const all = (/** @type {string} */ kind) => rows.filter((row) => row.kind === kind)
    const last = (/** @type {string} */ kind) => all(kind).map((row) => row.text || "").pop() || ""
    let said = last("say")
    if (book && seen) {
        const touched = rows.some((row) => ["plain", "words", "note", "unmark"].includes(row.kind))
        const changed = touched || last("ask") ? SE_Changed(book, seen) : ""
        if (changed) return SE_Tell("changed", changed)
        const locked = SE_Locked(book, rows)
        if (locked) return SE_Tell("protected", locked)
        SE_Quietly(() => {
            SE_Type(book, [...rows.filter((row) => row.kind === "plain" || row.kind === "words")])
            const kept = all("unmark").length ? SE_Erase(book).kept : []
            const refused = all("note").filter((row) => !SE_Noted(SE_Cell(book, row), row.text || "")).map((row) => row.cell)
            if (refused.length) said += `\n${SE_Text("unmarked")} ${refused.join(" ")}`
            if (kept.length) said += `\n${SE_Text("kept")} ${kept.join(" ")}`
        })
        book.Activate()
    }
    for (const row of all("open")) Application.Workbooks.Add(row.text)
    for (const row of book ? all("select") : []) SE_Show(SE_Cell(/** @type {Et.Workbook} */ (book), row))
    for (const name of Object.keys(SE_known)) if (all(name).length) SE_known[name] = last(name)
    if (said) SE_Say(said)
    return last("ask") && SE_Ask(last("ask")) ? SE_AGAIN : ""
}

/** @param {Et.Workbook} book @param {SE_Row} row @returns {Et.Range} */
function SE_Cell(book, row) {
    return SE_Sheet(book, row.sheet).Range(row.cell)
}

/** @param {Et.Range} cell */
function SE_Show(cell) {
    cell.Worksheet.Activate()
    cell.Select()
}

/** Writes all values or none: where one cell is refused, the cells before it get back what they held.
 * @param {Et.Workbook} book @param {SE_Row[]} rows */
function SE_Type(book, rows) {
    /** @type {(() => boolean)[]} */
    const undo = []
    try {
        for (const row of rows) {
            const cell = SE_Cell(book, row)
            undo.push(SE_Undo(cell))
            if (row.number !== undefined) {
                if (cell.NumberFormat === "@") cell.NumberFormat = "General" // a number stays one
                cell.Value2 = /** @type {any} */ (Number(row.number))
            } else SE_Words(cell, row.text || "", row.kind === "words")
        }
    } catch (fault) {
        const lost = rows.slice(0, undo.length).filter((row, at) => !undo[at]()).map((row) => row.cell)
        const said = lost.length ? SE_Text("not_restored", lost.join("、")) : SE_Text("taken_back")
        throw new Error(said + SE_Reason(fault))
    }
}

/** What gives a cell back what it holds now; it tells whether it could. @param {Et.Range} cell @returns {() => boolean} */
function SE_Undo(cell) {
    const [format, formula, prefix] = [cell.NumberFormat, cell.Formula, cell.PrefixCharacter || ""]
    return () => {
        try {
            if (cell.NumberFormat !== format) cell.NumberFormat = format // first: a text in text format stays one
            if (cell.Formula !== formula) cell.Formula = formula && prefix + formula
        } catch (refused) {
            return false
        }
        return cell.Formula === formula
    }
}

/** Types words; as text that is not to be taken for anything else where that is asked for, and never as a formula.
 * @param {Et.Range} cell @param {string} words @param {boolean} literal */
function SE_Words(cell, words, literal) {
    const quoted = literal || /^[=@]/.test(words)
    cell.Value2 = quoted ? `'${words}` : words
    if (cell.HasFormula) {
        cell.NumberFormat = "@"
        cell.Value2 = words
    }
}

/** The cells that the answer wants to write and that a protected sheet does not let it.
 * @param {Et.Workbook} book @param {SE_Row[]} rows @returns {string} */
function SE_Locked(book, rows) {
    const written = rows.filter((row) => row.kind === "plain" || row.kind === "words")
    return written.filter((row) => SE_Sheet(book, row.sheet).ProtectContents && SE_Cell(book, row).Locked).map((row) => ` ${row.cell}`).join("")
}

/** A comment of ours for the cell; false where another's stands there or the sheet does not take any.
 * @param {Et.Range} cell @param {string} words @returns {boolean} */
function SE_Noted(cell, words) {
    try {
        if (cell.Comment) return false
        SE_Size(cell.AddComment(words), words.length)
        return true
    } catch (refused) {
        return false
    }
}

/** Makes a comment as large as its words; its size is no reason to refuse it. @param {Et.Comment} comment @param {number} length */
function SE_Size(comment, length) {
    SE_Try(() => {
        comment.Shape.Width = 300
        comment.Shape.Height = 20 + 15 * (Math.floor(length / 24) + 2)
    })
}

/** The comments of ours on a sheet, the last one first. @param {Et.Worksheet} sheet @returns {Et.Comment[]} */
function SE_Ours(sheet) {
    const found = []
    for (let at = sheet.Comments.Count; at > 0; at--) {
        const comment = sheet.Comments.Item(at)
        if (comment.Text().startsWith(SE_Text("mark"))) found.push(comment)
    }
    return found
}

/** The comments of ours on several sheets. @param {Et.Worksheet[]} sheets @returns {Et.Comment[]} */
function SE_AllOurs(sheets) {
    /** @type {Et.Comment[]} */
    const none = []
    return none.concat(...sheets.map(SE_Ours))
}

/** Deletes our comments and no others. @param {Et.Workbook} book @returns {{count: number, kept: string[]}} */
function SE_Erase(book) {
    let count = 0
    const kept = []
    for (const comment of SE_AllOurs(SE_Sheets(book))) {
        const cell = /** @type {Et.Range} */ (comment.Parent)
        try {
            comment.Delete()
            count++
        } catch (refused) {
            kept.push(cell.Address(false, false))
        }
    }
    return { count, kept }
}

/** Where a cell stands in the book, as one number. @param {Et.Range} cell @returns {number} */
function SE_Place(cell) {
    return (cell.Worksheet.Index * 1048577 + cell.Row) * 16385 + cell.Column
}
