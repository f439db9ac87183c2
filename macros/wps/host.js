// @ts-check
"use strict"
// What WPS is asked for: files, programs, messages, the status bar. The rest of the add-in asks nothing else of them.

/** The text of a name, with a value in place of {}. @param {string} name @param {string} [value] @returns {string} */
function SE_Text(name, value) {
    return (SE_SETTINGS.texts[name] || "").replace("{}", () => value || "")
}

/** @param {string} words */
function SE_Say(words) {
    alert(words)
}

/** Whether the clerk agrees. @param {string} words @returns {boolean} */
function SE_Ask(words) {
    return Boolean(confirm(words))
}

/** The workbook in front; null where none is open. @returns {Et.Workbook | null} */
function SE_Book() {
    return Application.ActiveWorkbook || null
}

/** All worksheets of a workbook. @param {Et.Workbook} book @returns {Et.Worksheet[]} */
function SE_Sheets(book) {
    const found = []
    for (let at = 1; at <= book.Worksheets.Count; at++) found.push(/** @type {Et.Worksheet} */ (book.Worksheets.Item(at)))
    return found
}

/** @param {Et.Workbook} book @param {string} name @returns {Et.Worksheet} */
function SE_Sheet(book, name) {
    return /** @type {Et.Worksheet} */ (book.Worksheets.Item(name))
}

/** What stands below while the program works; "" for what WPS itself shows there. @param {string} words */
function SE_Status(words) {
    Application.StatusBar = words || false
}

/** Does something while nothing is drawn and the books' own macros do not run. @param {() => void} work */
function SE_Quietly(work) {
    const events = Application.EnableEvents
    Application.EnableEvents = false
    Application.ScreenUpdating = false
    try {
        work()
    } finally {
        Application.ScreenUpdating = true
        Application.EnableEvents = events
    }
}

/** A path in the way of this system: of Windows where it begins with a drive or a server. @param {string} path */
function SE_Native(path) {
    return /^([A-Za-z]:|[\\/]{2})/.test(path) ? path.replace(/\//g, "\\") : path
}

/** A new folder among the temporary files, which only its owner may read. @returns {string} */
function SE_Folder() {
    const parent = Application.Env.GetTempPath().replace(/[\\/]+$/, "")
    const folder = SE_Native(`${parent}/workbook_tools_${Date.now()}_${Math.floor(Math.random() * 1e9)}`)
    const files = Application.FileSystem
    if (files.mkdirSync) files.mkdirSync(folder, 0o700)
    else files.Mkdir(folder)
    return folder
}

/** Deletes a folder with its files, known by their names where WPS cannot list them; what something still holds stays.
 * @param {string} folder @param {string[]} known */
function SE_Sweep(folder, known) {
    const files = Application.FileSystem
    const names = files.readdirSync ? files.readdirSync(folder) : known
    for (const name of names.filter((one) => one !== "." && one !== "..")) {
        const path = SE_Native(`${folder}/${name}`)
        SE_Try(() => files.Exists(path) && files.Remove(path))
    }
    SE_Try(() => files.rmdirSync(folder))
}

/** Does something whose failing changes nothing. @param {() => unknown} work */
function SE_Try(work) {
    try {
        work()
    } catch (refused) {
        return
    }
}

/** @param {string} path @returns {boolean} */
function SE_Exists(path) {
    return Boolean(Application.FileSystem.Exists(path))
}

/** Starts the program with one more file as its argument; WPS tells neither whether it started nor how it ended.
 * @param {string} request */
function SE_Start(request) {
    Application.OAAssist.ShellExecute(SE_SETTINGS.program, `${SE_SETTINGS.parameters} request "${request}"`.trim())
}

/** @param {number} milliseconds @returns {Promise<void>} */
function SE_Wait(milliseconds) {
    return new Promise((go) => setTimeout(go, milliseconds))
}

/** Words as ASCII, so that no encoding of a file matters. @param {unknown} words @returns {string} */
function SE_Ascii(words) {
    return JSON.stringify(words).replace(/[\u007f-\uffff]/g, (one) => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"))
}
