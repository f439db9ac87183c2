// @ts-check
"use strict"
// A stand-in for WPS: the add-in as it was installed, its callbacks, and workbooks in memory. What it offers of the object
// model is held against the vendor's typings; files are read and copied by side.py. Time passes only while no program runs.
//
// node peer.js SCENARIO.json, where the scenario is {addin, temp, python, steps}; gives a list with a result for each step.

const { execFileSync, spawn } = require("child_process")
const fs = require("fs")
const path = require("path")
const vm = require("vm")

const scenario = JSON.parse(fs.readFileSync(process.argv[2], "utf8"))
const SIDE = path.join(__dirname, "side.py")
/** @typedef {{value: any, formula: string, format: string, locked: boolean, comment: string | null, prefix?: string}} Held */
/** @typedef {Pick<Et.Range, "Address"|"AddComment"|"Column"|"Comment"|"Formula"|"HasFormula"|"Locked"|"NumberFormat"|"PrefixCharacter"|"Row"|"Rows"|"Columns"|"Select"|"Value2"|"Worksheet">} RangePart */
/** @typedef {Pick<Et.Comment, "Delete"|"Parent"|"Text"|"Shape">} CommentPart */
/** @typedef {Pick<Et.Comments, "Count"|"Item">} CommentsPart */
/** @typedef {Pick<Et.Worksheet, "Activate"|"Comments"|"Index"|"Name"|"ProtectContents"|"Range"|"UsedRange"|"Visible">} SheetPart */
/** @typedef {Pick<Et.Workbook, "Activate"|"FullName"|"Name"|"Path"|"ReadOnly"|"SaveCopyAs">} BookPart */
/** @typedef {Pick<WPS.FileSystem, "Exists"|"Mkdir"|"ReadFile"|"Remove"|"WriteFile"|"mkdirSync"|"readdirSync"|"rmdirSync">} FilesPart */
/** @typedef {Pick<Et.Application, "ActiveCell"|"ActiveWorkbook"|"CalculateFull"|"EnableEvents"|"ScreenUpdating"|"StatusBar">} ApplicationPart */

const state = {
    /** @type {string[]} */ said: [],
    /** @type {string[]} */ status: [],
    /** @type {boolean[]} */ answers: [],
    /** @type {any[]} */ meanwhile: [],
    /** @type {string[][]} */ started: [],
    events: 0,
    running: 0,
    now: 0,
    blocked: false,
    noCopy: false,
    calculated: 0,
    redrawn: 0,
}

/** @param {string} name @returns {[number, number]} row and column */
function position(name) {
    const [, letters, row] = /** @type {RegExpExecArray} */ (/^\$?([A-Z]+)\$?(\d+)$/.exec(name))
    return [Number(row), [...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0)]
}

/** @param {number} row @param {number} column @returns {string} */
function named(row, column) {
    let letters = ""
    for (let left = column; left; left = Math.floor((left - 1) / 26)) letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters
    return letters + row
}

/** @implements {CommentPart} */
class Comment {
    /** @param {Range} cell */
    constructor(cell) {
        this.cell = cell
    }
    get Parent() {
        return this.cell
    }
    get Shape() {
        return /** @type {any} */ ({ Width: 0, Height: 0 })
    }
    Text() {
        return String(this.cell.held.comment)
    }
    Delete() {
        this.cell.sheet.change()
        this.cell.held.comment = null
    }
}

/** @implements {RangePart} */
class Range {
    /** @param {Sheet} sheet @param {string} address */
    constructor(sheet, address) {
        const [first, last] = address.split(":")
        this.sheet = sheet
        const at = position(first)
        this.Row = at[0]
        this.Column = at[1]
        const end = position(last || first)
        this.size = [end[0] - this.Row + 1, end[1] - this.Column + 1]
    }
    /** @returns {Held} */
    get held() {
        const name = named(this.Row, this.Column)
        const cells = this.sheet.cells
        return (cells[name] ||= { value: null, formula: "", format: "General", locked: true, comment: null })
    }
    get Worksheet() {
        return /** @type {any} */ (this.sheet)
    }
    get Rows() {
        return /** @type {any} */ ({ Count: this.size[0] })
    }
    get Columns() {
        return /** @type {any} */ ({ Count: this.size[1] })
    }
    Address() {
        return named(this.Row, this.Column)
    }
    Select() {
        this.sheet.book.selected = this
        return true
    }
    get HasFormula() {
        return this.held.formula !== ""
    }
    get PrefixCharacter() {
        return this.held.prefix || ""
    }
    get Locked() {
        return this.held.locked
    }
    get NumberFormat() {
        return this.held.format
    }
    set NumberFormat(format) {
        this.sheet.change(this)
        this.held.format = format
    }
    /** @returns {any} */
    get Formula() {
        if (this.size[0] * this.size[1] === 1) return this.held.formula || String(this.held.value ?? "")
        const cells = []
        for (let row = 0; row < this.size[0]; row++) {
            cells.push([...Array(this.size[1]).keys()].map((at) => new Range(this.sheet, named(this.Row + row, this.Column + at)).Formula))
        }
        return cells
    }
    set Formula(words) {
        this.Value2 = words
    }
    get Value2() {
        return this.held.value
    }
    /** As typed by a person: = begins a formula, ' a text; a number in a cell of text format is a text. */
    set Value2(typed) {
        const value = /** @type {unknown} */ (typed)
        this.sheet.change(this)
        const held = this.held
        held.formula = held.prefix = ""
        if (typeof value === "number") held.value = held.format === "@" ? String(value) : value
        else if (typeof value !== "string" || value === "") held.value = null
        else if (held.format === "@") held.value = value
        else if (value.startsWith("'")) [held.prefix, held.value] = ["'", value.slice(1)]
        else if (value.startsWith("=")) [held.formula, held.value] = [value, "calculated"]
        else if (/^-?[\d.]+%$/.test(value)) [held.value, held.format] = [parseFloat(value) / 100, held.format.includes("%") ? held.format : "0.00%"]
        else held.value = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
        if (this.sheet.book.application.EnableEvents) state.events++
        this.sheet.changed[named(this.Row, this.Column)] = held.value
        const [top, left, bottom, right] = this.sheet.extent
        this.sheet.extent = [Math.min(top, this.Row), Math.min(left, this.Column), Math.max(bottom, this.Row), Math.max(right, this.Column)]
    }
    get Comment() {
        return /** @type {any} */ (this.held.comment === null ? null : new Comment(this))
    }
    /** @param {string} [words] @returns {any} */
    AddComment(words) {
        this.sheet.change()
        // Excel refuses a second comment; that WPS does too is nowhere said, so the worse is played
        this.held.comment = words || ""
        return new Comment(this)
    }
}

/** @implements {SheetPart} */
class Sheet {
    /** @param {Book} book @param {number} index @param {any} read */
    constructor(book, index, read) {
        this.book = book
        this.Index = index
        this.Name = read.name
        this.Visible = /** @type {any} */ (read.visible ? -1 : 0)
        this.ProtectContents = read.protected
        /** @type {Record<string, Held>} */
        this.cells = read.cells
        this.extent = read.extent
        /** What was typed since the file was opened. @type {Record<string, unknown>} */
        this.changed = {}
    }
    get UsedRange() {
        const [top, left, bottom, right] = this.extent
        return /** @type {any} */ (new Range(this, `${named(top, left)}:${named(bottom, right)}`))
    }
    /** @param {string} address @returns {any} */
    Range(address) {
        return new Range(this, address)
    }
    Activate() {
        this.book.shown = this
    }
    /** @returns {Et.Comments} */
    get Comments() {
        const cells = Object.keys(this.cells).filter((name) => this.cells[name].comment !== null)
        /** @type {CommentsPart} */
        const found = { Count: cells.length, Item: (at) => /** @type {any} */ (new Comment(new Range(this, cells[at - 1]))) }
        return /** @type {any} */ (found)
    }
    /** Refuses a change as a protected sheet does. @param {Range} [cell] */
    change(cell) {
        if (this.ProtectContents && (!cell || cell.Locked)) throw new Error("the sheet is protected")
        if (!cell) return
        const name = named(cell.Row, cell.Column)
        if (this.book.refuses.includes(name)) throw new Error("the cell is refused")
        if (this.book.once.includes(name)) this.book.refuses.push(name)
    }
}

/** @implements {BookPart} */
class Book {
    /** @param {any} application @param {string} file @param {any} how */
    constructor(application, file, how) {
        this.application = application
        this.file = file
        this.Name = how.name || path.basename(file)
        this.FullName = how.name || file
        this.Path = how.name ? "" : path.dirname(file)
        this.ReadOnly = Boolean(how.readOnly)
        /** @type {string[]} */
        this.refuses = []
        /** Cells that can be written once. @type {string[]} */
        this.once = []
        const read = JSON.parse(execFileSync(scenario.python, [SIDE, "load", file], { encoding: "utf8" }))
        this.sheets = read.map((/** @type {any} */ one, /** @type {number} */ at) => new Sheet(this, at + 1, one))
        /** @type {Sheet} */
        this.shown = this.sheets[0]
        /** @type {Range | null} */
        this.selected = null
    }
    get Worksheets() {
        const item = (/** @type {string | number} */ which) => {
            const found = this.sheets.find((/** @type {Sheet} */ one) => one.Name === which || one.Index === which)
            if (!found) throw new Error(`no sheet ${which}`)
            return found
        }
        return { Count: this.sheets.length, Item: item }
    }
    Activate() {
        this.application.ActiveWorkbook = this
    }
    /** @param {any} [file] */
    SaveCopyAs(file) {
        if (state.noCopy) return
        const changed = Object.fromEntries(this.sheets.map((/** @type {Sheet} */ one) => [one.Name, one.changed]))
        execFileSync(scenario.python, [SIDE, "save", this.file, file], { input: JSON.stringify(changed) })
    }
}

/** Words as a command line separates them. @param {string} line @returns {string[]} */
function words(line) {
    return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((one) => one[1] ?? one[2])
}

/** @type {FilesPart} */
const files = {
    Exists: (name) => fs.existsSync(name),
    Mkdir: (name) => fs.mkdirSync(name),
    ReadFile: (name) => fs.readFileSync(name, "latin1"), // WPS does not say in which encoding
    Remove: (name) => fs.unlinkSync(name),
    WriteFile: (name, data) => {
        fs.writeFileSync(name, data, "latin1")
        return true
    },
    mkdirSync: (name, mode) => {
        fs.mkdirSync(name, mode)
        return true
    },
    readdirSync: (name) => [".", "..", ...fs.readdirSync(name)],
    rmdirSync: (name) => {
        fs.rmdirSync(name)
        return true
    },
}

/** @type {Pick<WPS.OAAssist, "ShellExecute">} */
const assistant = {
    ShellExecute: (file, parameters) => {
        const given = words(parameters || "")
        state.started.push([file, ...given])
        if (state.blocked) return
        state.running++
        const ended = () => state.running--
        spawn(file, given, { cwd: scenario.temp, stdio: ["ignore", "ignore", "inherit"] }).on("exit", ended).on("error", ended)
    },
}

/** @type {Pick<WPS.Env, "GetTempPath">} */
const environment = { GetTempPath: () => `${scenario.temp}/` }
/** @type {Pick<Et.Workbooks, "Add">} */
const books = {
    Add: (file) => {
        application.ActiveWorkbook = new Book(application, String(file), { name: "工作簿1" })
        return application.ActiveWorkbook
    },
}
/** @type {any} */
const application = {
    ActiveWorkbook: null,
    Env: environment,
    FileSystem: files,
    OAAssist: assistant,
    Workbooks: books,
    EnableEvents: true,
    ScreenUpdating: true,
    CalculateFull: () => state.calculated++,
    get ActiveCell() {
        return this.ActiveWorkbook && this.ActiveWorkbook.selected
    },
    /** @param {string | boolean} shown */
    set StatusBar(shown) {
        state.status.push(String(shown || ""))
    },
}
/** @type {ApplicationPart} */
const checked = application
/** @type {Pick<WPS.RibbonUi, "Invalidate">} */
const face = { Invalidate: () => void state.redrawn++ }

const context = vm.createContext({
    Application: checked,
    alert: (/** @type {string} */ said) => void state.said.push(said),
    confirm: (/** @type {string} */ said) => {
        state.said.push(said)
        return state.answers.length ? state.answers.shift() : true
    },
    Date: { now: () => state.now },
    setTimeout: (/** @type {() => void} */ go, /** @type {number} */ milliseconds) => {
        if (state.running && !state.meanwhile.length) return setTimeout(go, 20)
        if (!state.running) state.now += milliseconds
        return Promise.all(state.meanwhile.splice(0).map((one) => step({ ...one, inside: true }))).then(() => setImmediate(go))
    },
})
const page = fs.readFileSync(path.join(scenario.addin, "index.html"), "utf8")
for (const [, name] of page.matchAll(/<script[^>]* src="\.\/([^"]+)"/g)) {
    vm.runInContext(fs.readFileSync(path.join(scenario.addin, name), "utf8"), context, { filename: name })
}
const ribbon = fs.readFileSync(path.join(scenario.addin, "ribbon.xml"), "utf8")

/** What a control of the ribbon names as its callback. @param {string} id @param {string} key @returns {(control: {Id: string}) => any} */
function callback(id, key) {
    const control = /** @type {RegExpExecArray} */ (new RegExp(`<\\w+ id="${id}"[^>]*>`).exec(ribbon))[0]
    return context[/** @type {RegExpExecArray} */ (new RegExp(`${key}="(\\w+)"`).exec(control))[1]]
}

/** @param {any} one @returns {Promise<any>} */
async function step(one) {
    const book = application.ActiveWorkbook
    const sheet = book && (one.sheet ? book.Worksheets.Item(one.sheet) : book.sheets[0])
    switch (one.do) {
        case "open":
            application.ActiveWorkbook = new Book(application, one.path, one)
            return null
        case "close":
            application.ActiveWorkbook = null
            return null
        case "type":
            sheet.Range(one.cell).Value2 = one.value
            return null
        case "set":
            return Object.assign(one.of === "sheet" ? sheet : one.of === "book" ? book : one.of === "cell" ? sheet.Range(one.cell).held : one.of === "files" ? files : state, one.to) && null
        case "click": {
            const first = { said: [], status: [], started: [], answers: [...(one.answers || [])], events: 0, meanwhile: one.meanwhile || [] }
            if (!one.inside) Object.assign(state, first)
            await callback(one.id, "onAction")({ Id: one.id })
            const left = fs.readdirSync(scenario.temp)
            return { said: state.said, status: state.status, events: state.events, left, started: state.started, quiet: application.EnableEvents }
        }
        case "labels":
            return ["seAbout", "seGrade", "seFindings"].map((id) => callback(id, "getLabel")({ Id: id }))
        case "look": {
            const cells = Object.fromEntries(one.cells.map((/** @type {string} */ name) => [name, sheet.Range(name).held]))
            const notes = Object.keys(sheet.cells).filter((name) => sheet.cells[name].comment !== null)
            return { name: book.Name, cells, notes, selected: book.selected && book.selected.Address(), shown: book.shown.Name }
        }
        case "save":
            return book.SaveCopyAs(one.path)
        default:
            throw new Error(`no step ${one.do}`)
    }
}

async function run() {
    context.SE_Loaded(face)
    const results = []
    for (const one of scenario.steps) results.push(structuredClone(await step(one))) // a later step changes the cells
    console.log(JSON.stringify(results))
}

run().catch((fault) => {
    console.error(fault)
    process.exit(1)
})
