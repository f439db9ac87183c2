Option Explicit
' What depends on the program that runs these macros: Excel or WPS on Windows.

' MsgBox shows what is not in the code page of Windows as question marks. Office 2007 and older editions of WPS know neither PtrSafe nor LongPtr.
#If VBA7 Then
Private Declare PtrSafe Function MessageBoxW Lib "user32" (ByVal hwnd As LongPtr, ByVal words As LongPtr, ByVal title As LongPtr, ByVal kind As Long) As Long
Private Declare PtrSafe Function GetActiveWindow Lib "user32" () As LongPtr
#Else
Private Declare Function MessageBoxW Lib "user32" (ByVal hwnd As Long, ByVal words As Long, ByVal title As Long, ByVal kind As Long) As Long
Private Declare Function GetActiveWindow Lib "user32" () As Long
#End If

Private Const TASK_MODAL As Long = 8192  ' MB_TASKMODAL

Public Function HostBook() As Object
    Set HostBook = ActiveWorkbook
End Function

' The selected cell; Nothing while a chart sheet is shown.
Public Function HostHere(book As Object) As Object
    If TypeName(ActiveSheet) = "Worksheet" Then Set HostHere = ActiveCell
End Function

' Gives the exit code of a program. A Sub, because a formula in any workbook can call the functions of an add-in.
Public Sub HostRun(ByVal command As String, ByRef code As Long)
    code = CreateObject("WScript.Shell").Run(command, 0, True)
End Sub

Public Function HostFolder() As String
    HostFolder = CreateObject("WScript.Shell").ExpandEnvironmentStrings("%TEMP%")
End Function

Public Function HostSeparator() As String
    HostSeparator = "\"
End Function

Public Function HostWindow() As String
    HostWindow = CStr(Application.Hwnd)
End Function

Public Function HostLive() As Boolean
    Dim folder As String
    folder = LCase(Application.Path)
    HostLive = InStr(folder, "kingsoft") = 0 And InStr(folder, "wps") = 0
End Function

Public Sub HostSaveCopy(book As Object, ByVal path As String)
    book.SaveCopyAs path
End Sub

Public Function HostCell(sheet As Object, ByVal at As Long) As Object
    Set HostCell = sheet.Comments(at).Parent
End Function

Public Sub HostShape(cell As Object)
    cell.Comment.Shape.Width = 300
    cell.Comment.Shape.Height = 20 + 15 * (Len(cell.Comment.Text) \ 24 + 2)
End Sub

Public Sub HostNew(ByVal path As String)
    Workbooks.Add path
End Sub

Public Function HostExists(ByVal path As String) As Boolean
    HostExists = CreateObject("Scripting.FileSystemObject").FileExists(path)
End Function

Public Sub HostMakeFolder(ByVal path As String)
    CreateObject("Scripting.FileSystemObject").CreateFolder path
End Sub

Public Sub HostDeleteFolder(ByVal path As String)
    CreateObject("Scripting.FileSystemObject").DeleteFolder path, True
End Sub

Public Sub HostCalculate()
    Application.CalculateFull
End Sub

Public Function HostWords(ByVal words As String) As String
    HostWords = "'" & words
End Function

' What a person would type so that a cell holds what it does.
Public Function HostTyped(cell As Object) As String
    HostTyped = cell.PrefixCharacter & cell.Formula
End Function

' No window of ours is active when the clerk has gone to another program meanwhile: the message comes to the front all
' the same, and Excel waits for it.
Public Function HostSay(ByVal words As String, ByVal choice As Boolean) As Boolean
    Dim title As String, kind As Long
    title = SE_Text("title")
    kind = vbInformation
    If choice Then kind = vbYesNo + vbQuestion
    kind = kind + vbMsgBoxSetForeground + TASK_MODAL
    HostSay = (MessageBoxW(GetActiveWindow(), StrPtr(words), StrPtr(title), kind) = vbYes)
End Function

' What stands below while the program works; Excel takes no clicks meanwhile. Esc, which a clerk presses who waits, would
' offer to end the macro halfway; Excel takes Esc again by itself when the macro has ended.
Public Sub HostBusy(ByVal words As String)
    On Error Resume Next
    Application.EnableCancelKey = xlDisabled
    Application.StatusBar = words
    Application.Cursor = xlWait
End Sub

Public Sub HostIdle()
    Application.StatusBar = False
    Application.Cursor = xlDefault
End Sub

' Whether a book is saved at every change; older programs do not know the property.
Public Function HostSavesItself(book As Object) As Boolean
    On Error Resume Next
    HostSavesItself = book.AutoSaveOn
End Function

Public Function HostReadOnly(book As Object) As Boolean
    On Error Resume Next
    HostReadOnly = book.ReadOnly
End Function
