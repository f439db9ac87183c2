// @ts-check
"use strict"
// The callbacks that ribbon.xml names, by the ids of its controls.

/** @typedef {{Id: string}} SE_Control */

/** @type {WPS.RibbonUi | null} */
let SE_face = null

/** @param {WPS.RibbonUi} face @returns {boolean} */
function SE_Loaded(face) {
    SE_face = face
    return true
}

/** @param {SE_Control} control */
function SE_New(control) {
    return SE_Run("new", SE_SETTINGS.tags[control.Id])
}

function SE_Fill() {
    return SE_Run("fill", "")
}

function SE_Check() {
    return SE_Run("check", "")
}

function SE_Report() {
    return SE_Run("report", "")
}

function SE_Send() {
    return SE_Run("send", "")
}

function SE_Calculate() {
    SE_OnBook(() => {
        Application.CalculateFull()
        SE_Say(SE_Text("calculated"))
    })
}

/** Selects the next cell with a comment of ours, the first one after the last. */
function SE_Next() {
    SE_OnBook((book) => {
        const shown = SE_Sheets(book).filter((sheet) => Number(sheet.Visible) === -1)
        const cells = SE_AllOurs(shown).map((comment) => /** @type {Et.Range} */ (comment.Parent))
        if (!cells.length) return SE_Say(SE_Text("none_marked"))
        cells.sort((one, other) => SE_Place(one) - SE_Place(other))
        const here = Application.ActiveCell
        const now = here ? SE_Place(here) : 0
        SE_Show(cells.find((cell) => SE_Place(cell) > now) || cells[0])
    })
}

function SE_Clear() {
    SE_OnBook((book) => {
        const { count, kept } = SE_Erase(book)
        SE_known.findings = ""
        SE_Redraw()
        if (kept.length) SE_Say(`${SE_Text("kept")} ${kept.join(" ")}`)
        else SE_Say(count ? SE_Text("cleared", String(count)) : SE_Text("nothing_cleared"))
    })
}

function SE_Help() {
    SE_Say(SE_Text("help") + SE_SETTINGS.program)
}

/** @param {SE_Control} control @returns {string} */
function SE_Label(control) {
    const name = SE_SETTINGS.tags[control.Id]
    return SE_known[name] || (name === "about" ? SE_Text("idle") : "")
}

function SE_Redraw() {
    if (SE_face) SE_face.Invalidate()
}

/** Does something with the open workbook, while no action is under way. @param {(book: Et.Workbook) => void} work */
function SE_OnBook(work) {
    const book = SE_Book()
    if (SE_working) return SE_Say(SE_Text("busy"))
    if (!book) return SE_Say(SE_Text("no_book"))
    try {
        work(book)
    } catch (fault) {
        SE_Say(SE_Text("failed") + SE_Reason(fault))
    }
}
