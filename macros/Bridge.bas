Option Explicit
' Starts the installed program and applies its answer: a small workbook with one row for each thing to do.
' live: the program reaches the open book itself. patch: it reads a copy, and the values come back in the answer.

Private about As String
Private grade As String
Private findings As String
Private answer As Object  ' while it is open
Private events As Boolean  ' whether the books' own macros ran before ours wrote
Private working As Boolean  ' from a click to its last message
Private held As Collection  ' of each cell that was written: the cell, its number format, what a person would type there

Private Const HEADLESS As Long = 4  ' exit code: the program could not reach the open book
Private Const AGAIN As String = "--yes"

Public Sub SE_Run(ByVal action As String, ByVal detail As String)
    Dim book As Object, folder As String, more As String, code As Long, lost As String
    If working Then
        HostSay SE_Text("busy"), False
        Exit Sub
    End If
    On Error GoTo failed
    events = Application.EnableEvents
    Set book = HostBook()
    If action <> "new" And book Is Nothing Then
        HostSay SE_Text("no_book"), False
        Exit Sub
    End If
    If SE_Text("command") = "" Then
        HostSay SE_Text("no_command"), False
        Exit Sub
    End If
    If action = "fill" Then
        If Not SE_MayFill(book) Then Exit Sub
    End If
    working = True
    more = detail
    Randomize
    Do
        HostBusy SE_Text("working")
        folder = HostFolder() & HostSeparator() & "workbook_tools_" & CStr(CLng(Timer() * 100)) & "_" & CStr(Int(Rnd() * 1000000))
        HostMakeFolder folder
        SE_Start action, more, book, folder, code
        more = ""
        SE_Ready
        If HostExists(SE_Answer(folder)) Then
            more = SE_Apply(SE_Answer(folder), book)
        Else
            HostSay SE_Text("no_answer") & CStr(code), False
        End If
        SE_Sweep folder
    Loop While more <> ""
    working = False
    SE_Redraw
    Exit Sub
failed:
    more = Err.Description
    working = False
    lost = SE_TakeBack()
    SE_Ready
    If folder <> "" Then SE_Sweep folder
    HostSay SE_Text("failed") & lost & more, False
End Sub

' Excel as it was before: it draws, the books' own macros run, nothing is waited for.
Private Sub SE_Ready()
    On Error Resume Next
    Application.ScreenUpdating = True
    Application.EnableEvents = events
    HostIdle
End Sub

' Whether to fill a book that is saved while it is filled, or that cannot be saved under its name.
Private Function SE_MayFill(book As Object) As Boolean
    SE_MayFill = True
    If HostSavesItself(book) Then SE_MayFill = HostSay(SE_Text("saves_itself"), True)
    If SE_MayFill And HostReadOnly(book) Then SE_MayFill = HostSay(SE_Text("read_only"), True)
End Function

' Closes the answer if it is still open, and deletes its folder; one that a scanner still holds stays among the temporary files.
Private Sub SE_Sweep(ByVal folder As String)
    On Error Resume Next
    If Not answer Is Nothing Then answer.Close False
    Set answer = Nothing
    HostDeleteFolder folder
End Sub

' The answer has the name of its folder: two open books cannot have the same name.
Private Function SE_Answer(ByVal folder As String) As String
    SE_Answer = folder & Mid(folder, InStrRev(folder, HostSeparator())) & ".xlsx"
End Function

Private Sub SE_Start(ByVal action As String, ByVal more As String, book As Object, ByVal folder As String, ByRef code As Long)
    Dim what As String, copy As String, place As String
    what = action & " " & SE_Quoted("--answer=" & SE_Answer(folder))
    If more <> "" Then what = action & " " & SE_Quoted(more) & " " & SE_Quoted("--answer=" & SE_Answer(folder))
    If action = "new" Then
        SE_Call " patch " & what, code
        Exit Sub
    End If
    If action <> "send" And action <> "report" And HostLive() Then
        SE_Call " live " & what & " " & SE_Quoted("--wb=" & book.Name) & " " & SE_Quoted("--path=" & book.FullName) & " --from_xl=1 --hwnd=" & HostWindow(), code
        If code <> HEADLESS Then Exit Sub
    End If
    place = book.FullName
    copy = folder & HostSeparator() & book.Name
    If book.Path = "" Or InStr(book.Name, ".") = 0 Then copy = copy & ".xlsx"  ' a new book has no ending
    Application.EnableEvents = False
    HostSaveCopy book, copy
    Application.EnableEvents = events
    SE_Call " patch " & what & " " & SE_Quoted("--book=" & copy) & " " & SE_Quoted("--path=" & place), code
End Sub

' Starts the program; where there is none any more, the code is the number of the error.
Private Sub SE_Call(ByVal words As String, ByRef code As Long)
    On Error GoTo failed
    HostRun SE_Text("command") & words, code
    Exit Sub
failed:
    code = Err.Number
End Sub

' An argument; Windows would put its own words for %TEMP% and the like, and no file has a | in its name.
Private Function SE_Quoted(ByVal words As String) As String
    SE_Quoted = Chr(34) & Replace(words, "%", "|") & Chr(34)
End Function

' Applies every row of the answer to the book; gives what the program is to be started with once more, "" for nothing.
Private Function SE_Apply(ByVal path As String, book As Object) As String
    Dim rows As Object, row As Long, kind As String, said As String, asked As String, lost As String, kept As String
    Dim chosen As String, chosenSheet As String, opened As String
    Application.ScreenUpdating = False
    Application.EnableEvents = False
    Set held = New Collection
    Set answer = Workbooks.Open(path)
    Set rows = answer.Worksheets(1)
    lost = SE_Locked(rows, book)
    If lost <> "" Then
        said = SE_Text("protected") & lost
    Else
        row = 1
        Do While CStr(rows.Cells(row, 1).Value) <> ""
            kind = CStr(rows.Cells(row, 1).Value)
            Select Case kind
                Case "plain"
                    SE_Type SE_Cell(book, rows, row), rows.Cells(row, 4).Value
                Case "words"
                    SE_Keep SE_Cell(book, rows, row)
                    SE_Cell(book, rows, row).Value = HostWords(CStr(rows.Cells(row, 4).Value))
                Case "unmark"
                    SE_Erase book, kept
                Case "note"
                    If Not SE_Noted(SE_Cell(book, rows, row), CStr(rows.Cells(row, 4).Value)) Then
                        lost = lost & " " & CStr(rows.Cells(row, 3).Value)
                    End If
                Case "say"
                    said = CStr(rows.Cells(row, 4).Value)
                Case "ask"
                    asked = CStr(rows.Cells(row, 4).Value)
                Case "about"
                    about = CStr(rows.Cells(row, 4).Value)
                Case "grade"
                    grade = CStr(rows.Cells(row, 4).Value)
                Case "findings"
                    findings = CStr(rows.Cells(row, 4).Value)
                Case "select"
                    chosenSheet = CStr(rows.Cells(row, 2).Value)
                    chosen = CStr(rows.Cells(row, 3).Value)
                Case "open"
                    opened = CStr(rows.Cells(row, 4).Value)
            End Select
            row = row + 1
        Loop
        Set held = Nothing
        If lost <> "" Then said = said & vbLf & SE_Text("unmarked") & lost
        If kept <> "" Then said = said & vbLf & SE_Text("kept") & kept
    End If
    answer.Close False
    Set answer = Nothing
    If Not book Is Nothing Then book.Activate
    If opened <> "" Then HostNew opened
    If chosen <> "" Then
        book.Worksheets(chosenSheet).Activate
        book.Worksheets(chosenSheet).Range(chosen).Select
    End If
    SE_Ready
    If said <> "" Then HostSay said, False
    If asked <> "" Then
        If HostSay(asked, True) Then SE_Apply = AGAIN
    End If
End Function

Private Function SE_Cell(book As Object, rows As Object, ByVal row As Long) As Object
    Set SE_Cell = book.Worksheets(CStr(rows.Cells(row, 2).Value)).Range(CStr(rows.Cells(row, 3).Value))
End Function

' A number stays one in a cell that is formatted as text.
Private Sub SE_Type(cell As Object, ByVal value As Variant)
    SE_Keep cell
    If VarType(value) <> vbString And cell.NumberFormat = "@" Then cell.NumberFormat = "General"
    cell.Value = value
End Sub

' Notes what a cell holds, before it is written.
Private Sub SE_Keep(cell As Object)
    held.Add cell
    held.Add CStr(cell.NumberFormat)
    held.Add HostTyped(cell)
End Sub

' Gives the cells that were written what they held; tells how that went, "" where none was written.
Private Function SE_TakeBack() As String
    Dim at As Long, lost As String
    If held Is Nothing Then Exit Function
    For at = held.Count - 2 To 1 Step -3
        If Not SE_PutBack(held(at), held(at + 1), held(at + 2)) Then lost = " " & held(at).Address(False, False) & lost
    Next
    If lost <> "" Then
        SE_TakeBack = Replace(SE_Text("not_restored"), "{}", lost)
    ElseIf held.Count > 0 Then
        SE_TakeBack = SE_Text("taken_back")
    End If
    Set held = Nothing
End Function

' Whether a cell holds again what it held.
Private Function SE_PutBack(cell As Object, ByVal shown As String, ByVal words As String) As Boolean
    On Error GoTo refused
    If HostTyped(cell) <> words Or cell.NumberFormat <> shown Then
        cell.NumberFormat = shown
        cell.Formula = words
    End If
    SE_PutBack = (HostTyped(cell) = words)
refused:
End Function

' The cells that the answer wants to write and that a protected sheet does not let it.
Private Function SE_Locked(rows As Object, book As Object) As String
    Dim row As Long, kind As String
    row = 1
    Do While CStr(rows.Cells(row, 1).Value) <> ""
        kind = CStr(rows.Cells(row, 1).Value)
        If kind = "plain" Or kind = "words" Then
            If book.Worksheets(CStr(rows.Cells(row, 2).Value)).ProtectContents Then
                If SE_Cell(book, rows, row).Locked Then SE_Locked = SE_Locked & " " & CStr(rows.Cells(row, 3).Value)
            End If
        End If
        row = row + 1
    Loop
End Function

' A comment of ours for the cell; False where another's stands there or the sheet does not take any.
Private Function SE_Noted(cell As Object, ByVal words As String) As Boolean
    On Error GoTo refused
    If cell.Comment Is Nothing Then
        cell.AddComment words
        SE_Noted = True
        HostShape cell
    End If
refused:
End Function

Public Sub SE_Renew()
    On Error GoTo failed
    If HostBook() Is Nothing Then
        HostSay SE_Text("no_book"), False
        Exit Sub
    End If
    HostCalculate
    HostSay SE_Text("calculated"), False
    Exit Sub
failed:
    HostSay SE_Text("failed") & Err.Description, False
End Sub

Public Sub SE_Unmark()
    Dim count As Long, kept As String
    On Error GoTo failed
    If HostBook() Is Nothing Then
        HostSay SE_Text("no_book"), False
        Exit Sub
    End If
    count = SE_Erase(HostBook(), kept)
    findings = ""
    SE_Redraw
    If kept <> "" Then
        HostSay SE_Text("kept") & kept, False
    ElseIf count = 0 Then
        HostSay SE_Text("nothing_cleared"), False
    Else
        HostSay Replace(SE_Text("cleared"), "{}", CStr(count)), False
    End If
    Exit Sub
failed:
    HostSay SE_Text("failed") & Err.Description, False
End Sub

' Deletes our comments and no others; gives how many, and adds to kept the cells where they stay.
Private Function SE_Erase(book As Object, ByRef kept As String) As Long
    Dim sheet As Object, at As Long
    For Each sheet In book.Worksheets
        For at = sheet.Comments.Count To 1 Step -1
            If SE_Ours(sheet.Comments(at)) Then
                If SE_Deleted(sheet.Comments(at)) Then
                    SE_Erase = SE_Erase + 1
                Else
                    kept = kept & " " & HostCell(sheet, at).Address(False, False)
                End If
            End If
        Next
    Next
End Function

' Deletes a comment; False where the sheet is protected.
Private Function SE_Deleted(comment As Object) As Boolean
    On Error GoTo refused
    comment.Delete
    SE_Deleted = True
refused:
End Function

Private Function SE_Ours(comment As Object) As Boolean
    SE_Ours = (Left(comment.Text, Len(SE_Text("mark"))) = SE_Text("mark"))
End Function

' Selects the next cell with a comment of ours, the first one after the last.
Public Sub SE_Jump()
    Dim book As Object, sheet As Object, at As Long, place As Double, here As Double
    Dim first As Object, nearest As Object, firstPlace As Double, nearestPlace As Double
    On Error GoTo failed
    Set book = HostBook()
    If book Is Nothing Then
        HostSay SE_Text("no_book"), False
        Exit Sub
    End If
    here = SE_Place(HostHere(book))
    For Each sheet In book.Worksheets
        For at = 1 To sheet.Comments.Count
            If sheet.Visible = xlSheetVisible And SE_Ours(sheet.Comments(at)) Then
                place = SE_Place(HostCell(sheet, at))
                If first Is Nothing Or place < firstPlace Then
                    Set first = HostCell(sheet, at)
                    firstPlace = place
                End If
                If place > here And (nearest Is Nothing Or place < nearestPlace) Then
                    Set nearest = HostCell(sheet, at)
                    nearestPlace = place
                End If
            End If
        Next
    Next
    If nearest Is Nothing Then Set nearest = first
    If nearest Is Nothing Then
        HostSay SE_Text("none_marked"), False
        Exit Sub
    End If
    nearest.Worksheet.Activate
    nearest.Select
    Exit Sub
failed:
    HostSay SE_Text("failed") & Err.Description, False
End Sub

' Where a cell stands in the book, as one number: sheet, row, column; 0 for Nothing.
Private Function SE_Place(cell As Object) As Double
    If Not cell Is Nothing Then SE_Place = (CDbl(cell.Worksheet.Index) * 1048577# + cell.Row) * 16385# + cell.Column
End Function

Public Function SE_Known(ByVal name As String) As String
    Select Case name
        Case "about"
            SE_Known = about
            If about = "" Then SE_Known = SE_Text("idle")
        Case "grade"
            SE_Known = grade
        Case "findings"
            SE_Known = findings
    End Select
End Function

' What the sheet ui says under a name.
Public Function SE_Text(ByVal name As String) As String
    Dim row As Long, rows As Object
    Set rows = ThisWorkbook.Worksheets("ui")
    row = 1
    Do While CStr(rows.Cells(row, 1).Value) <> ""
        If CStr(rows.Cells(row, 1).Value) = name Then
            SE_Text = CStr(rows.Cells(row, 2).Value)
            Exit Function
        End If
        row = row + 1
    Loop
End Function
